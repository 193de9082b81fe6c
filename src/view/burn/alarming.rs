//! What is alarming and does not stand on the chart: sources that do not say the same, and objectives that are not on the screen; in the
//! sentence, or where that has no room on the rule, with the fewest words that still say whose figure is whose.
//!
//! It must not know what makes something alarming.

use super::title::Title;
use crate::app::alarms::{Alarm, Dispute};
use crate::app::{App, SloDesk};
use crate::incident::time::Time;
use crate::view::phrase::Part;
use crate::view::text;
use crate::view::theme::Meaning;

/// So many cells of the shown objective's name stand on a narrow rule.
const NAME: usize = 16;
/// So many of another's.
const OTHER: usize = 15;

/// What is said of it in the sentence: both figures of a dispute, then who burns or says nothing.
pub fn parts(app: &App, now: Time) -> Vec<Part> {
    let disputes = app.disputes(now);
    let mut disputed: Vec<String> = disputes.iter().map(Dispute::words).collect();
    disputed.dedup();
    let disputed =
        disputed.into_iter().map(|words| Part::new(format!("{}{words}", now_word(app, now)), Meaning::Urgent));
    let hidden = hidden(app, &disputes).into_iter().map(|alarm| {
        let look = look(app, now, &alarm);
        Part::new(format!("{}{} {}", now_word(app, now), alarm.name, alarm.words), look)
    });
    disputed.chain(hidden).collect()
}

/// The words of a rule that carries the alarms too, made of those it has without them: whose figures these are comes first, then that somebody
/// says otherwise, then who is alarming beside it. Beside another time what is of now stands last.
pub fn title(app: &App, slo: &SloDesk, now: Time, title: Title) -> Vec<Part> {
    let disputes = app.disputes(now);
    let ours = |dispute: &Dispute| dispute.ours == slo.name || dispute.theirs == slo.name;
    let mut alarms = Vec::new();
    if let Some(first) = disputes.iter().find(|dispute| ours(dispute)).or(disputes.first()) {
        let whose = if ours(first) { String::new() } else { format!("{} ", text::cut(&first.ours, OTHER)) };
        alarms.push(Part::new(format!("{}{whose}DISAGREE", now_word(app, now)), Meaning::Urgent));
    }
    for (place, alarm) in hidden(app, &disputes).iter().enumerate() {
        let name = text::cut(&alarm.name, OTHER);
        // the end is what a narrow rule cuts: a state comes first
        let words =
            if alarm.only_burns { format!("{name} {}", alarm.short) } else { format!("{} {name}", alarm.short) };
        let words = format!("{}{words}", now_word(app, now));
        // the worst one stays
        alarms.push(Part::new(words, look(app, now, alarm)).rank(if place == 0 { 0 } else { 2 }));
    }
    if alarms.is_empty() {
        return title.parts();
    }
    let name = text::cut(&title.name.text, NAME).into_owned();
    let mut parts = vec![title.panel.rank(1), Part { text: name, ..title.name }.rank(0)];
    parts.extend(title.doubt);
    parts.extend(title.figures);
    parts.extend(alarms);
    parts
}

/// The alarms of objectives that are not on the screen; of those in a dispute, whose figures stand there already, only that nothing is known of one or
/// that its traffic is gone.
fn hidden(app: &App, disputes: &[Dispute]) -> Vec<Alarm> {
    let said = |name: &String| disputes.iter().any(|dispute| dispute.ours == *name || dispute.theirs == *name);
    let mut all = app.alarms();
    all.retain(|alarm| !alarm.only_burns || !said(&alarm.name));
    all
}

fn now_word(app: &App, now: Time) -> &'static str {
    if app.chart_until(now).is_some() { "now " } else { "" }
}

/// Beside another time only what is seen is as loud as ever.
fn look(app: &App, now: Time, alarm: &Alarm) -> Meaning {
    if alarm.is_seen || app.chart_until(now).is_none() { Meaning::Urgent } else { Meaning::Unknown }
}

#[cfg(test)]
mod tests {
    use crate::app::SloDesk;
    use crate::app::feed::Burn;
    use crate::query::series::{Bucket, MINUTE};
    use crate::query::state::State;
    use crate::view::burning::{burn, drawn, minute_14, slo};
    use crate::view::sample::{at, now, theme};
    use crate::view::theme::Theme;

    fn title(app: &crate::app::App, width: u16) -> String {
        let theme: Theme = theme("plain");
        let rows = drawn(width, 7, |area, buf| {
            super::super::draw(app, &theme, now(), area, buf);
        });
        rows.into_iter().next().unwrap_or_default()
    }

    /// A balancer and servers that count the same promise, and a third objective that lost its traffic.
    fn disputed(servers: State) -> crate::app::App {
        let counted = |total, bad, state, since| {
            let minute = |m| Bucket { start: m * MINUTE, total, bad };
            Burn { minutes: (0..5).map(minute).collect(), state, since, ..burn() }
        };
        let mut app =
            minute_14(Ok(Burn { remaining_ppm: Some(-9_249_000), ..counted(4_000, 1_600, State::Value, None) }));
        let same = SloDesk {
            same_as: Some("api-availability".into()),
            ..slo(Ok(counted(1_400, 0, servers, Some(at("22:58:00")))))
        };
        app.slos.push(SloDesk { name: "servers".into(), ..same });
        app
    }

    #[test]
    fn given_a_dispute_at_80_columns_when_titled_then_the_own_name_comes_first_and_a_source_that_is_gone_is_named() {
        let mut app = disputed(State::TrafficGone);
        let shown = title(&app, 80);
        assert!(shown.starts_with("── api-availability  -924.9 % left  DISAGREE  GONE servers ─"), "{shown}");
        let wide = title(&app, 120);
        assert!(wide.starts_with("── Burn   api-availability   -924.9 % left"), "{wide}");
        assert!(wide.contains("DISAGREE   GONE servers"), "{wide}");
        // one that only burns has its figures in the dispute
        app.slos[1].feed = disputed(State::Value).slos[1].feed.clone();
        let shown = title(&app, 80);
        assert!(shown.contains("api-availability  -924.9 % left") && shown.ends_with("───"), "{shown}");
        assert!(shown.contains("DISAGREE") && !shown.contains("servers"), "{shown}");
        // a third one that is gone is named too, and when nothing else has room its name is what is cut
        app.slos.push(SloDesk {
            name: "dead-after-fire".into(),
            ..slo(Ok(Burn { state: State::TrafficGone, since: Some(at("23:00:00")), ..burn() }))
        });
        let shown = title(&app, 80);
        assert!(shown.contains("-924.9 % left  DISAGREE  GONE dead-a"), "{shown}");
        app.slos[2].name = "gone".into();
        assert!(title(&app, 80).contains("DISAGREE  GONE gone ─"), "{}", title(&app, 80));
    }

    #[test]
    fn given_an_objective_called_as_its_source_or_as_the_panel_when_titled_then_only_its_name_is_ranked_as_one() {
        for name in ["lb.ndjson", "Burn"] {
            let mut app = disputed(State::TrafficGone);
            app.slos[0].name = name.into();
            app.slos[1].same_as = Some(name.into());
            let shown = title(&app, 80);
            assert!(shown.starts_with(&format!("── Burn  {name}  -924.9 % left  ")), "{shown}");
            let narrow = title(&app, 52);
            assert!(narrow.starts_with(&format!("── {name}  -924.9 % left  DISAGREE")), "{narrow}");
        }
    }

    #[test]
    fn given_the_shown_one_gone_in_a_dispute_when_titled_then_its_name_stands_before_that() {
        let mut app = disputed(State::Value);
        app.slo = 1;
        app.slos[1].feed = disputed(State::TrafficGone).slos[1].feed.clone();
        app.slos[0].feed = app.slos[1].feed.clone();
        let shown = title(&app, 80);
        assert!(shown.starts_with("── servers  TRAFFIC GONE since 22:58"), "{shown}");
    }
}
