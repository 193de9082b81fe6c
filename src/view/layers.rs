//! What lies over the panels, drawn last.
//!
//! It must not know what is below.

use super::phrase::Part;
use super::sheet::{Sheet, wrapped};
use super::theme::{Meaning, Theme};
use super::{confirm, details, help, palette, prompt};
use crate::app::{App, Layer};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the layer over an area, which is whatever it may cover; answers with how many of its rows did not fit below. Prompt, confirmation and
/// palette take the lowest rows they need, help and details the whole area.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    match &app.layer {
        Layer::None => 0,
        Layer::Prompt(asked) => prompt::draw(app, asked, theme, now, area, buf),
        Layer::Confirm(armed) => confirm::draw(app, armed, theme, now, area, buf),
        Layer::Palette(all) => palette::draw(app, all, theme, area, buf),
        Layer::Help(top) => help::draw(app, theme, *top, area, buf),
        Layer::Details(subject, top) => details::draw(app, subject, theme, now, *top, area, buf),
        Layer::Leave => leave(theme, area, buf),
    }
}

fn leave(theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let words = "Ctrl-C leaves the program; the incident goes on without this screen. Any other key stays.";
    let rows = wrapped(words, Sheet::cells(area, 1), 4, Meaning::Text);
    let title = vec![Part::new("Leave?", Meaning::Heading)];
    Sheet { title, columns: vec![rows], ..Sheet::default() }.draw_low(theme, area, buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Subject;
    use crate::app::feed::Plan;
    use crate::app::key::parse_run;
    use crate::app::msg::Msg;
    use crate::app::update;
    use crate::incident::intent::Act;
    use crate::incident::time::Span;
    use crate::view::burning::{burn, drawn, minute_14};
    use crate::view::sample::{now, theme};

    fn press(app: &mut App, keys: &str) {
        for (place, key) in (0..).zip(parse_run(keys).unwrap()) {
            update(app, now().plus(Span(place * 90_000)), Msg::Key(key));
        }
    }

    fn lines(app: &App, width: u16, height: u16) -> Vec<String> {
        let theme = theme("plain");
        drawn(width, height, |area, buf| {
            draw(app, &theme, now(), area, buf);
        })
    }

    fn typed(app: &mut App, text: &str) {
        for c in text.chars() {
            update(app, now(), Msg::Key(crate::app::key::Key::plain(crate::app::key::Code::Char(c))));
        }
    }

    fn armed() -> App {
        let mut app = minute_14(Ok(burn()));
        app.channels = vec!["page".into()];
        let changes = "/flags/release/defaultVariant: \"v1822\" -> \"v1823\"".to_string();
        let plan = Plan { from: "1822".into(), to: "1823".into(), before: "{}".into(), changes, idle: false };
        update(&mut app, now(), Msg::Planned { switch: 0, act: Act::Revert, answer: Ok(plan) });
        app
    }

    #[test]
    fn look() {
        let show = |app: &App, w, h| {
            println!("--- {w}x{h}");
            for line in lines(app, w, h) {
                println!("{line}|");
            }
        };
        let mut app = minute_14(Ok(burn()));
        press(&mut app, "n");
        show(&app, 80, 10);
        typed(
            &mut app,
            "22:49 !the build came from a branch that nobody had built before, says Dev, and it has no executable in it at all",
        );
        press(&mut app, "<c-j> a b c <left>");
        show(&app, 80, 12);
        show(&app, 30, 5);
        let mut app = minute_14(Ok(burn()));
        app.channels = vec!["page".into(), "slack".into()];
        press(&mut app, "u");
        typed(&mut app, "We are going back.");
        press(&mut app, "<tab> <c-u> x <enter>");
        show(&app, 80, 14);
        let mut app = minute_14(Ok(burn()));
        press(&mut app, "t");
        show(&app, 100, 12);
        let mut app = armed();
        show(&app, 80, 16);
        typed(&mut app, "release");
        press(&mut app, "<enter>");
        show(&app, 80, 16);
        show(&app, 40, 9);
        let mut app = minute_14(Ok(burn()));
        press(&mut app, ": s w");
        show(&app, 80, 16);
        app.layer = Layer::Help(0);
        show(&app, 120, 34);
        show(&app, 80, 12);
        app.layer = Layer::Details(Subject::Burn, 0);
        show(&app, 100, 40);
        app.layer = Layer::Details(Subject::Switch("release".into()), 0);
        show(&app, 100, 34);
        for seq in [12, 13, 16, 18] {
            app.layer = Layer::Details(Subject::Entry(app.log.entries()[seq].id), 0);
            show(&app, 100, 30);
        }
        app.layer = Layer::Leave;
        show(&app, 80, 8);
    }
}
