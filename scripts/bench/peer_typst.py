"""Typst: the same figures and tables as a PDF. peer_typst.py DAY OUT [ROWS]"""
import json, os, sys, typst
import peer_day

figures, tables = peer_day.load(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 100)


def scaled(points, w, h):
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    wide, tall = (max(xs) - min(xs)) or 1, (max(ys) - min(ys)) or 1
    return [[round((x - min(xs)) / wide * w, 2), round(h - (y - min(ys)) / tall * h, 2)] for x, y in zip(xs, ys)]


shown = []
for kind, title, what in figures:
    if kind == "line":
        body = scaled(list(enumerate(what)), 240, 110)
    elif kind == "map":
        # Marks by their size: a file draws what is alike in one go.
        spots = scaled([p[:2] for p in what], 240, 170)
        ranks = sorted(p[2] for p in what)
        sizes = [sum(p[2] >= ranks[len(ranks) * q // 5] for q in (1, 2, 3, 4)) for p in what]
        body = [[spot, size] for spot, size in zip(spots, sizes)]
    else:
        body = [[name, scaled(list(enumerate(values)), 70, 34)] for name, values in what]
    shown.append({"kind": kind, "title": title, "body": body})
out = os.path.abspath(sys.argv[2])
with open(out + ".json", "w") as file:
    json.dump({"figures": shown, "tables": tables}, file)
with open(out + ".typ", "w") as file:
    file.write('''#set page("a4", margin: 1.8cm, numbering: "1")
#set text(size: 8pt)
#let day = json("''' + os.path.basename(out) + '''.json")
#let path(points, w, h) = box(width: w * 1pt, height: h * 1pt, curve(stroke: 0.9pt + rgb("#1f5fa8"),
  curve.move((points.at(0).at(0) * 1pt, points.at(0).at(1) * 1pt)),
  ..points.slice(1).map(p => curve.line((p.at(0) * 1pt, p.at(1) * 1pt)))))
#let dots(points) = box(width: 240pt, height: 170pt, stroke: 0.4pt + gray, {
  for p in points { place(dx: p.at(0).at(0) * 1pt, dy: p.at(0).at(1) * 1pt,
    circle(radius: (0.5 + p.at(1) * 0.35) * 1pt, fill: rgb("#1f5fa880"))) } })
#let figures = day.figures.map(f => block(breakable: false, [*#f.title* \\ #{
  if f.kind == "line" { path(f.body, 240, 110) } else if f.kind == "map" { dots(f.body) }
  else { grid(columns: 3, gutter: 6pt, ..f.body.map(p => [#p.at(0) \\ #path(p.at(1), 70, 34)])) } }]))
= The day
#grid(columns: 2, gutter: 14pt, ..figures)
#for t in day.tables [
  == #t.at(0)
  #table(columns: t.at(1).len(), stroke: none, inset: 2.2pt, table.header(..t.at(1)), ..t.at(2).flatten())
]
''')
typst.compile(out + ".typ", output=out)
