//! Marks of a page as SVG: inside of a page with classes in place of colours, so that they follow
//! its theme; by itself with colours.

use super::links::escaped;
use crate::domain::page::Drawing;
use crate::domain::page::canvas::Planar;
use crate::domain::page::fonts::Face;
use crate::domain::page::op::{Area, Colour, Ink, Op, Pen, Spot, Text};
use crate::domain::page::palette as p;
use crate::domain::report::figure::Map;
use std::fmt::Write;

/// Where the places of a map lead.
pub type Places<'a> = (&'a Map, &'a dyn Fn(&str) -> String);

/// What writes marks down.
pub struct Svg<'a> {
    out: String,
    /// With classes of the page.
    themed: bool,
    clips: usize,
    /// What tells the clips of one page apart.
    id: &'a str,
}

/// Colours and what they are called in the style of the page.
const NAMES: [(Colour, &str); 21] = [
    (p::WHITE, "paper"),
    (p::INK, "ink"),
    (p::TEXT, "text"),
    (p::MUTED, "soft"),
    (p::FAINT, "faint"),
    (p::RULE, "hair"),
    (p::HAIR, "hair"),
    (p::BAND, "mark"),
    (p::USUAL, "panel"),
    (p::LAND, "land"),
    (p::BLUE, "blue"),
    (p::PALE_BLUE, "before"),
    (p::SLATE, "before-text"),
    (p::ORANGE, "orange"),
    (p::TEAL, "teal"),
    (p::AMBER, "amber"),
    (p::ROSE, "rose"),
    (p::ON_TIME, "ontime"),
    (p::LATE, "late"),
    (p::MISSING, "missing"),
    (p::NOT_ASKED, "land"),
];

fn name(colour: Colour) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == colour).map(|(_, name)| *name)
}

fn hex(Colour(r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A number as short as a screen needs it.
fn n(value: f32) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".into() } else { short.into() }
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

/// A drawing for inside of a page; `class` says how wide it is, `link` where its places lead.
pub fn inline(drawing: &Drawing, class: &str, id: &str, places: Option<Places>) -> String {
    let mut svg = Svg { out: String::new(), themed: true, clips: 0, id };
    let (w, h) = (n(drawing.width), n(drawing.height));
    // Its words, and its places, are told beside it.
    let _ = write!(svg.out, "<svg class=\"{class}\" viewBox=\"0 0 {w} {h}\" aria-hidden=\"true\"");
    if let Some(Planar { outer, area: Area { x, y, w, h }, low, high }) = drawing.plane {
        let (top, bottom) = (outer.y, outer.bottom());
        let _ = write!(svg.out, " data-plane=\"{x} {y} {w} {h} {low} {high} {top} {bottom}\"");
    }
    svg.out.push('>');
    svg.ops(&drawing.ops);
    if let Some((map, link)) = places {
        svg.places(&drawing.ops, map, link);
    }
    svg.out.push_str("</svg>");
    svg.out
}

/// A drawing by itself: a file for everybody.
pub fn alone(drawing: &Drawing, title: &str) -> String {
    let mut svg = Svg { out: String::new(), themed: false, clips: 0, id: "a" };
    let (w, h) = (n(drawing.width), n(drawing.height));
    let _ = write!(
        svg.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}pt\" \
         height=\"{h}pt\" role=\"img\"><title>{}</title><rect width=\"100%\" height=\"100%\" \
         fill=\"#ffffff\"/>",
        escape(title)
    );
    svg.ops(&drawing.ops);
    svg.out.push_str("</svg>\n");
    svg.out
}

impl Svg<'_> {
    fn ops(&mut self, ops: &[Op]) {
        ops.iter().for_each(|op| self.op(op));
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Rect { area, fill, pen } => self.rect(area, *fill, *pen),
            Op::Line { points, pen } => self.line(points, *pen),
            Op::Fill { rings, ink } => self.fill(rings, *ink),
            Op::Circle { at, radius, fill, pen } => self.circle(*at, *radius, *fill, *pen),
            Op::Dots { at, diameter, ink } => self.dots(at, *diameter, *ink),
            Op::Text(text) => self.text(text),
            Op::Clip { area, ops } => self.clip(area, ops),
            Op::Link { .. } | Op::Place { .. } => {}
        }
    }

    /// How a mark is filled and drawn around, as attributes.
    fn look(&self, fill: Option<Ink>, pen: Option<Pen>) -> String {
        let (mut classes, mut out) = (Vec::new(), String::new());
        match fill {
            None => out.push_str(" fill=\"none\""),
            Some(ink) => {
                match name(ink.colour).filter(|_| self.themed) {
                    Some(name) => classes.push(format!("f-{name}")),
                    None => drop(write!(out, " fill=\"{}\"", hex(ink.colour))),
                }
                if ink.cover < 100 {
                    let _ = write!(out, " fill-opacity=\".{:02}\"", ink.cover);
                }
            }
        }
        if let Some(pen) = pen {
            match name(pen.colour).filter(|_| self.themed) {
                Some(name) => classes.push(format!("s-{name}")),
                None => drop(write!(out, " stroke=\"{}\"", hex(pen.colour))),
            }
            let _ = write!(out, " stroke-width=\"{:.2}\"", pen.width);
            if pen.round {
                out.push_str(" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
            }
        }
        match classes.is_empty() {
            true => out,
            false => format!(" class=\"{}\"{out}", classes.join(" ")),
        }
    }

    fn rect(&mut self, area: &Area, fill: Option<Ink>, pen: Option<Pen>) {
        let Area { x, y, w, h } = *area;
        let look = self.look(fill, pen);
        let (x, y, w, h) = (n(x), n(y), n(w), n(h));
        let _ = write!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{look}/>");
    }

    fn path(&mut self, spots: &[Spot]) {
        for (place, (x, y)) in spots.iter().enumerate() {
            let _ = write!(self.out, "{}{} {}", if place == 0 { 'M' } else { 'L' }, n(*x), n(*y));
        }
    }

    fn line(&mut self, points: &[Spot], pen: Pen) {
        self.out.push_str("<path d=\"");
        self.path(points);
        let look = self.look(None, Some(pen));
        let _ = write!(self.out, "\"{look}/>");
    }

    fn fill(&mut self, rings: &[Vec<Spot>], ink: Ink) {
        self.out.push_str("<path d=\"");
        for ring in rings {
            self.path(ring);
            self.out.push('Z');
        }
        let look = self.look(Some(ink), None);
        let _ = write!(self.out, "\"{look}/>");
    }

    fn circle(&mut self, (x, y): Spot, radius: f32, fill: Option<Ink>, pen: Option<Pen>) {
        let look = self.look(fill, pen);
        let _ =
            write!(self.out, "<circle cx=\"{}\" cy=\"{}\" r=\"{radius:.2}\"{look}/>", n(x), n(y));
    }

    /// Many dots are one path of points with round ends.
    fn dots(&mut self, at: &[Spot], diameter: f32, ink: Ink) {
        self.out.push_str("<path d=\"");
        for (x, y) in at {
            let _ = write!(self.out, "M{} {}h0", n(*x), n(*y));
        }
        let look = self.look(None, Some(Pen::round(ink.colour, diameter)));
        let cover = match ink.cover {
            100.. => String::new(),
            cover => format!(" stroke-opacity=\".{cover:02}\""),
        };
        let _ = write!(self.out, "\"{look}{cover}/>");
    }

    fn text(&mut self, text: &Text) {
        let (x, y, size) = (n(text.x), n(text.y), n(text.size));
        let weight = match text.face {
            Face::Sans => "",
            Face::Semibold => "b",
            Face::Italic => "i",
            Face::Light => "l",
            Face::Display => "d",
            Face::Serif => "e",
        };
        let words = escape(&text.run.text);
        if self.themed {
            let colour = name(text.colour).unwrap_or("ink");
            let halo = if text.halo { " halo" } else { "" };
            let face = if weight.is_empty() { String::new() } else { format!(" {weight}") };
            let _ = write!(
                self.out,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" class=\"f-{colour}{face}{halo}\">\
                 {words}</text>"
            );
            return;
        }
        let look = match text.face {
            Face::Sans => "",
            Face::Semibold => " font-weight=\"600\"",
            Face::Italic => " font-style=\"italic\"",
            Face::Light => " font-weight=\"300\"",
            Face::Display | Face::Serif => "",
        };
        let family = match text.face {
            Face::Display | Face::Serif => "Source Serif 4, Georgia, serif",
            _ => "Source Sans 3, Source Sans Pro, Arial, sans-serif",
        };
        let halo = match text.halo {
            true => {
                " paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"2.4\" \
                     stroke-linejoin=\"round\""
            }
            false => "",
        };
        let _ = write!(
            self.out,
            "<text x=\"{x}\" y=\"{y}\" font-family=\"{family}\" font-size=\"{size}\" \
             fill=\"{}\"{look}{halo} textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">\
             {words}</text>",
            hex(text.colour),
            n(text.width())
        );
    }

    fn clip(&mut self, area: &Area, ops: &[Op]) {
        let Area { x, y, w, h } = *area;
        self.clips += 1;
        let id = format!("c{}-{}", escaped(self.id), self.clips);
        let (x, y, w, h) = (n(x), n(y), n(w), n(h));
        let _ = write!(
            self.out,
            "<clipPath id=\"{id}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>\
             </clipPath><g clip-path=\"url(#{id})\">"
        );
        self.ops(ops);
        self.out.push_str("</g>");
    }

    /// A place can be pointed at, and leads to what it is.
    fn places(&mut self, ops: &[Op], map: &Map, link: &dyn Fn(&str) -> String) {
        for op in ops {
            let Op::Place { at: (x, y), radius, number } = op else { continue };
            let Some(place) = map.points.get(*number) else { continue };
            let (x, y, r) = (n(*x), n(*y), n(radius.max(3.0)));
            let told = escape(&place.told);
            let spot = format!(
                "<circle class=\"hit\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\">\
                                <title>{told}</title></circle>"
            );
            let _ = match place.key.is_empty() {
                true => write!(self.out, "{spot}"),
                false => {
                    let to = escape(&link(&place.key));
                    write!(self.out, "<a href=\"{to}\" tabindex=\"-1\">{spot}</a>")
                }
            };
        }
    }
}
