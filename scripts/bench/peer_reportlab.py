"""matplotlib draws the figures, reportlab sets the pages. peer_reportlab.py DAY OUT [ROWS]"""
import io, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Image, LongTable, Paragraph, SimpleDocTemplate, Table, TableStyle
import peer_day

figures, tables = peer_day.load(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 100)
styles = getSampleStyleSheet()


def drawn(kind, title, what):
    if kind == "multiples":
        rows = len(what) // 4
        fig, axes = plt.subplots(rows, 4, figsize=(3.4, 0.55 * rows + 0.4), sharex=True, sharey=True)
        for axis, (name, values) in zip(axes.flat, what):
            axis.plot(values, linewidth=0.7)
            axis.set_title(name, fontsize=4)
            axis.tick_params(labelsize=3)
    else:
        fig, axis = plt.subplots(figsize=(3.4, 2.4 if kind == "map" else 1.6))
        axis.tick_params(labelsize=5)
        if kind == "line":
            axis.plot(what, linewidth=0.9)
        else:
            axis.scatter([p[0] for p in what], [p[1] for p in what], s=4, c=[p[2] for p in what], alpha=0.6)
    fig.suptitle(title, fontsize=7)
    image = io.BytesIO()
    fig.savefig(image, format="png", dpi=150)
    size = fig.get_size_inches() * 72
    plt.close(fig)
    image.seek(0)
    return Image(image, *size)


pictures = [drawn(*figure) for figure in figures]
pairs = [pictures[k:k + 2] for k in range(0, len(pictures), 2)]
story = [Paragraph("The day", styles["Title"]), Table(pairs)]
for title, head, rows in tables:
    table = LongTable([head] + rows, repeatRows=1, rowHeights=10)
    table.setStyle(TableStyle([("FONTSIZE", (0, 0), (-1, -1), 7), ("LINEBELOW", (0, 0), (-1, 0), 0.4, colors.grey)]))
    story += [Paragraph(title, styles["Heading2"]), table]
SimpleDocTemplate(sys.argv[2], pagesize=A4).build(story)
