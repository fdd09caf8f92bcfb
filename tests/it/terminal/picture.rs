//! A screen as an image that is checked in.

use std::path::Path;
use std::{env, fs};

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use crate::support::{Screen, constant};

/// How an image is coloured: the background, the text, and what is wrong, wants attention, is good, and matters less.
struct Look {
    background: u32,
    text: u32,
    red: u32,
    yellow: u32,
    cyan: u32,
    dim: u32,
}

const LIGHT: Look = Look {
    background: 0x00f6_f8fa,
    text: 0x001f_2328,
    red: 0x00b3_261e,
    yellow: 0x0085_5300,
    cyan: 0x0005_6b80,
    dim: 0x0057_606a,
};
const DARK: Look = Look {
    background: 0x0016_1b22,
    text: 0x00e6_edf3,
    red: 0x00ff_7b72,
    yellow: 0x00e3_b341,
    cyan: 0x0056_d4dd,
    dim: 0x0091_98a1,
};

impl Look {
    fn draw(&self, text: &str) -> String {
        let rgb = |color: u32| {
            let [_, red, green, blue] = color.to_be_bytes();
            RgbColor(red, green, blue)
        };
        let mut palette = [rgb(self.text); 16];
        (palette[1], palette[3], palette[6]) = (rgb(self.red), rgb(self.yellow), rgb(self.cyan));
        let (text_color, background) = (Color::Rgb(rgb(self.text)), Color::Rgb(rgb(self.background)));
        let term = Term::new().palette(Palette(palette)).fg_color(text_color).bg_color(background);
        // The widest of the fonts that may be there has 80 columns in it.
        let svg = term.min_width_px(700).render_svg(text);
        // Not every viewer makes a part of a line transparent, and nobody should have to guess at it.
        svg.replace("opacity: 0.4;", &format!("fill: #{:06X};", self.dim))
    }
}

/// The colours of an image, line by line.
fn colors(svg: &str) -> String {
    let lines: Vec<_> =
        svg.lines().filter(|line| line.contains("{ fill: #")).map(|line| format!("  {line}\n")).collect();
    lines.concat()
}

/// Draws what was typed and what is on the screen then, for readers of light and of dark pages.
fn draw(typed: &str, screen: &Screen) -> String {
    let prompt = format!("\x1b[2m$\x1b[0m \x1b[1mpevensie-pg {typed}\x1b[0m");
    let lines: Vec<String> = std::iter::once(prompt).chain(screen.painted()).collect();
    let text = constant(lines.join("\n"));
    for line in text.lines() {
        assert!(console::measure_text_width(line) <= 80, "it does not fit: {line}");
    }
    let (light, dark) = (LIGHT.draw(&text), DARK.draw(&text));
    let title = typed.replace('&', "&amp;").replace('<', "&lt;");
    let dark = format!("    @media (prefers-color-scheme: dark) {{\n{}    }}\n  </style>", colors(&dark));
    let titled = light.replacen("  <style>", &format!("  <title>pevensie-pg {title}</title>\n  <style>"), 1);
    titled.replacen("  </style>", &dark, 1)
}

/// Compares a screen with the image that is checked in, or replaces that.
#[track_caller]
pub(super) fn assert_image(name: &str, typed: &str, screen: &Screen) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/images/{name}.svg"));
    let drawn = draw(typed, screen);
    if env::var_os("UPDATE_IMAGES").is_some() {
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the clone is writable");
        fs::write(&path, &drawn).expect("the clone is writable");
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == drawn,
        "docs/images/{name}.svg is stale: run UPDATE_IMAGES=1 scripts/test --quick images, and look at it\n{}",
        screen.text()
    );
}
