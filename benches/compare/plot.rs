//! The ratios as a picture.

use std::fmt::{self, Write as _};

use crate::row::Row;

const WIDTH: f64 = 760.0;
/// Where the bars start, to the right of the names.
const LEFT: f64 = 300.0;
const TOP: f64 = 64.0;
const BAR: f64 = 13.0;
const GAP: f64 = 14.0;
/// Of the bars, one for each number of threads.
const LEGEND: [(&str, &str); 2] = [("#e8a87c", "one thread"), ("#b7410e", "two threads")];

/// Returns an SVG of how many times as fast as Go each row is.
pub(crate) fn svg(rows: &[Row]) -> Result<String, fmt::Error> {
    let mut ticks = 1..=1;
    while rows.iter().flat_map(Row::ratios).any(|ratio| ratio > f64::from(*ticks.end())) {
        ticks = 1..=ticks.end() + 1;
    }
    let unit = (WIDTH - LEFT - 60.0) / f64::from(*ticks.end());

    let mut bars = String::new();
    let mut bottom = TOP;
    for row in rows {
        bottom = draw_row(&mut bars, row, unit, bottom)? + GAP;
    }
    let height = bottom + 30.0;
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">
<title>Speed as a multiple of Go's</title>
<rect width="{WIDTH}" height="{height}" rx="6" fill="white"/>
<text x="16" y="26" font-size="15" font-weight="bold">How many times as fast as Go</text>"#
    )?;
    let mut x = LEFT;
    for (colour, label) in LEGEND {
        writeln!(svg, r#"<rect x="{x}" y="38" width="12" height="12" fill="{colour}"/>"#)?;
        writeln!(svg, r#"<text x="{}" y="48">{label}</text>"#, x + 18.0)?;
        x += 110.0;
    }
    for tick in ticks {
        let x = LEFT + f64::from(tick) * unit;
        // Where both are equal.
        let style =
            if tick == 1 { r#"stroke="black" stroke-dasharray="4 3""# } else { r#"stroke="lightgrey""# };
        writeln!(svg, r#"<line x1="{x:.1}" y1="{}" x2="{x:.1}" y2="{bottom}" {style}/>"#, TOP - 6.0)?;
        writeln!(svg, r#"<text x="{x:.1}" y="{}" text-anchor="middle">{tick}</text>"#, bottom + 18.0)?;
    }
    Ok(svg + &bars + "</svg>\n")
}

/// Draws the bars of a row from `y` downwards, and returns where they end.
fn draw_row(svg: &mut String, row: &Row, unit: f64, y: f64) -> Result<f64, fmt::Error> {
    let mut end = y;
    for (ratio, (colour, _)) in row.ratios().zip(LEGEND) {
        let (width, height, base) = (ratio * unit, BAR - 1.0, end + BAR - 3.0);
        writeln!(
            svg,
            r#"<rect x="{LEFT}" y="{end}" width="{width:.1}" height="{height}" fill="{colour}"/>"#
        )?;
        let x = LEFT + width + 4.0;
        writeln!(svg, r#"<text x="{x:.1}" y="{base}" font-size="11">{ratio:.1}</text>"#)?;
        end += BAR;
    }
    let (x, middle) = (LEFT - 10.0, y.midpoint(end) + 4.0);
    let name = row.name.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(svg, r#"<text x="{x}" y="{middle}" text-anchor="end">{name}</text>"#)?;
    Ok(end)
}
