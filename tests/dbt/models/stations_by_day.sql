-- Each station of the day, with its emptiest hour.
select
    series,
    max(label) as label,
    min(bikes_min) as least_bikes,
    count(*) as hours
from {{ source('daybook', 'hours_bikes_oslo') }}
where series <> '*'
group by series
