//! The report as a plot: a bar for each tool in each of three scenarios, over 127.0.0.1.

use std::fmt::Write as _;

use super::Report;
use crate::address::Transport;
use crate::scenario::Scenario;

const SHOWN: [Scenario; 3] = [Scenario::Nothing, Scenario::Status, Scenario::Install];
const WIDTH: f64 = 760.0;
/// Where the bars begin, and how long they may be.
const LEFT: f64 = 160.0;
const ROOM: f64 = 500.0;
const ROW: f64 = 20.0;
/// Has its own ground in both modes: a page can be dark where the system is not.
const STYLE: &str = "
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .heading { font-weight: 600; font-size: 14px }
  .note { fill: #59636e }
  .ground { fill: #ffffff }
  .line { stroke: #d1d9e0 }
  .bar { fill: #8c959f }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .ground { fill: #0d1117 }
    .line { stroke: #3d444d }
    .bar { fill: #656c76 }
    .ours { fill: #4493f8 }
  }
";

/// Draws it.
pub fn plot(report: &Report) -> String {
    let rows = |scenario: Scenario| -> Vec<(&str, f64)> {
        let wall = |tool: &super::Named| {
            Some((tool.name, report.figure(tool.name, Transport::Loopback, scenario)?.wall_ms.median))
        };
        report.tools.iter().filter_map(wall).collect()
    };
    let largest = SHOWN.iter().flat_map(|scenario| rows(*scenario)).map(|(_, wall)| wall).fold(10.0, f64::max);
    let decades = largest.log10().ceil();
    let place = |wall: f64| LEFT + wall.max(1.0).log10() / decades * ROOM;

    let mut body = String::new();
    let mut y = 28.0;
    text(&mut body, (16.0, y), "heading", &format!("Wall time in milliseconds, PostgreSQL {}", report.postgresql));
    y += 18.0;
    let note = format!("medians over 127.0.0.1, {}; the scale is logarithmic", report.date);
    text(&mut body, (16.0, y), "note", &note);
    for scenario in SHOWN {
        y += 32.0;
        text(&mut body, (16.0, y), "heading", scenario.name());
        let rows = rows(scenario);
        let end = y + 10.0 + ROW * f64::from(u16::try_from(rows.len()).unwrap_or_default());
        grid(&mut body, (y + 8.0, end), decades, &place);
        for (tool, wall) in rows {
            y += ROW;
            text(&mut body, (16.0, y), "", tool);
            let class = if report.tools.first().is_some_and(|ours| ours.name == tool) { "bar ours" } else { "bar" };
            let length = place(wall) - LEFT;
            let top = y - 11.0;
            let _ = writeln!(
                body,
                r#"<rect class="{class}" x="{LEFT}" y="{top}" width="{length:.1}" height="14" rx="2"/>"#
            );
            let value = if wall < 100.0 { format!("{wall:.1}") } else { format!("{wall:.0}") };
            text(&mut body, (LEFT + length + 6.0, y), "", &value);
        }
    }
    let height = y + 24.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Wall time of each tool for nothing to do, status and a fresh install\">\n\
         <style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n{body}</svg>\n"
    )
}

/// A line for each power of ten.
fn grid(body: &mut String, (top, bottom): (f64, f64), decades: f64, place: &dyn Fn(f64) -> f64) {
    let mut power = 1.0;
    while power <= 10f64.powf(decades) {
        let x = place(power);
        let _ = writeln!(body, r#"<line class="line" x1="{x:.1}" y1="{top}" x2="{x:.1}" y2="{bottom}"/>"#);
        text(body, (x + 2.0, top - 2.0), "note", &power.to_string());
        power *= 10.0;
    }
}

fn text(body: &mut String, (x, y): (f64, f64), class: &str, text: &str) {
    let _ = writeln!(body, r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#);
}
