"""The same job by ClickHouse (chdb, in process) over the same files; it writes to no store."""
import chdb, sys
root = sys.argv[1]
print(chdb.query(f"""
select st.station_id k, extract(_file, '_(.*T[0-9][0-9])') h, count(),
       min(b), max(b), avg(b), quantiles(0.05, 0.5, 0.95)(b),
       min(d), max(d), avg(d), quantiles(0.05, 0.5, 0.95)(d)
from (select _file, arrayJoin(data.stations) st, st.num_bikes_available b, st.num_docks_available d
      from file('{root}/velib/*.json', 'JSONEachRow', 'data Tuple(stations Array(Tuple(
        station_id Int64, num_bikes_available Int32, num_docks_available Int32)))'))
group by k, h format Null
settings input_format_json_ignore_unknown_keys_in_named_tuple=1, input_format_skip_unknown_fields=1,
         max_threads=2""", "CSV"))
