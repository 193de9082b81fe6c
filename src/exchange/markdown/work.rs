//! What was done and what is left, in a report: switches, the error budget, questions, tasks, what remains.

use super::page::Page;
use super::{Report, escape, or_empty};
use crate::incident::burn::BurnNoted;
use crate::incident::entry::Entry;
use crate::incident::fact::Fact;
use crate::incident::impact::thousands;
use crate::incident::intent::{Act, Intent};
use crate::incident::question::Question;
use crate::incident::sought::HALF;
use crate::incident::task::{Task, TaskState};
use crate::incident::timeline::{percent, rate};
use std::io;

impl Report<'_> {
    pub(super) fn switches(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Switches")?;
        let acts = self.incident.intents().all().iter().filter(|i| i.what.act != Act::Publish);
        let rows: Vec<[String; 7]> = acts.map(|act| self.act(act)).collect();
        if rows.is_empty() {
            return page.says("Nothing was switched.");
        }
        page.table(["Act", "From → to", "Asked (UTC)", "Why", "Outcome", "Seen", "Taken back"], &rows)
    }

    fn act(&self, act: &Intent) -> [String; 7] {
        let value = |text: Option<&str>| text.map_or_else(|| "?".to_string(), escape::inline);
        let seen = act.seen.as_ref().map(|(at, value, detail)| {
            let detail = if detail.is_empty() { String::new() } else { format!(", {}", escape::inline(detail)) };
            format!("serves {} at {}{detail}", escape::inline(value), self.at(*at))
        });
        let read = act.end.as_ref().and_then(|end| end.value.as_deref());
        let acts = self.incident.acts(&self.options.rules.elsewhere);
        let back = match acts.undone_by(act.id) {
            _ if !act.what.leaves() => String::new(),
            Some(by) => format!("{} asked {} by {}", by.what.deed(), self.at(by.at), escape::inline(&by.by)),
            None if acts.done_again(act.id).is_some() => "by somebody else, then done again".into(),
            None if act.came_back().is_some() => escape::inline(&act.came_back_words(act.at).unwrap_or_default()),
            None if act.is_half() => format!("**still to undo**: {HALF}"),
            None if act.took_effect() => "**still to undo**".into(),
            None if act.is_open() => "not known whether there is something to undo".into(),
            None => "nothing to undo".into(),
        };
        [
            escape::inline(&format!("{} {}", act.what.deed(), act.what.target)),
            format!("{} → {}", value(act.what.from.as_deref()), value(act.what.to.as_deref())),
            format!("{} by {}", self.at(act.at), escape::inline(&act.by)),
            escape::inline(&act.what.why),
            self.ending(Some(act)),
            seen.unwrap_or_else(|| read.map(|v| format!("read back: {}", escape::inline(v))).unwrap_or_default()),
            back,
        ]
    }

    pub(super) fn budget(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Error budget")?;
        let mut noted: Vec<(&Entry, &BurnNoted)> = self
            .entries
            .iter()
            .filter_map(|e| if let Fact::BurnNoted(burn) = &e.fact { Some((e, burn.as_ref())) } else { None })
            .collect();
        noted.sort_by_key(|(e, _)| (self.incident.happened(e), e.seq));
        self.charts(page)?;
        if noted.is_empty() {
            return page.says("No budget was noted.");
        }
        let rows: Vec<[String; 8]> = noted.into_iter().map(|(entry, burn)| self.burn(entry, burn)).collect();
        page.says("Rates are multiples of the rate that spends exactly the budget in the window.")?;
        page.table(
            ["When (UTC)", "SLO", "Bad of all events", "Left", "1 h", "5 min", "State", "Asked of whom, and why"],
            &rows,
        )
    }

    /// What somebody pinned of the chart.
    fn charts(&self, page: &mut Page<'_>) -> io::Result<()> {
        let row = |entry: &Entry| {
            let Fact::ChartPinned(chart) = &entry.fact else { return None };
            let (total, bad) = chart.sum();
            let left = chart.left().map(|(first, last)| format!("{} → {}", percent(first), percent(last)));
            let link = chart.link.as_ref().map(|link| format!("; {}", escape::inline(link))).unwrap_or_default();
            Some([
                format!("{} to {}", self.at(chart.from), self.at(chart.until(self.incident.happened(entry)))),
                escape::inline(&chart.slo),
                format!("{} of {}", thousands(bad), thousands(total)),
                left.unwrap_or_else(|| "not known".into()),
                format!("`{}`", chart.bars(60)),
                format!("{}{link}", escape::inline(&chart.source)),
                format!("{} by {}", self.at(self.incident.happened(entry)), escape::inline(&entry.author)),
            ])
        };
        let rows: Vec<[String; 7]> = self.entries.iter().filter_map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        page.says("Charts that were pinned; the figures of every column are in the JSON export.")?;
        page.table(
            ["Time (UTC)", "SLO", "Bad of all events", "Left", "Bad by column", "Asked of whom", "Pinned"],
            &rows,
        )
    }

    fn burn(&self, entry: &Entry, burn: &BurnNoted) -> [String; 8] {
        let target = format!("{}.{:04} %", burn.target_ppm / 10_000, burn.target_ppm % 10_000);
        let target = match target.trim_end_matches([' ', '%']).trim_end_matches('0').trim_end_matches('.') {
            "" => target,
            short => format!("{short} %"),
        };
        // a week in which the clocks change has no whole days
        let window = match burn.window_s {
            seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
            seconds if seconds >= 3_600 => format!("{} h", seconds / 3_600),
            seconds => format!("{seconds} s"),
        };
        let times = |milli: Option<u64>| milli.map(|m| format!("{}x", rate(m))).unwrap_or_default();
        let mut asked = escape::inline(&burn.source);
        if let Some(link) = &burn.link {
            asked.push_str(&format!("; {}", escape::inline(link)));
        }
        if !burn.why.is_empty() {
            asked.push_str(&format!("; {}", escape::inline(&burn.why)));
        }
        [
            self.at(self.incident.happened(entry)),
            format!("{}, {target} of {window}", escape::inline(&burn.slo)),
            format!("{} of {}", thousands(burn.bad), thousands(burn.total)),
            percent(burn.remaining_ppm),
            times(burn.burn_1h_milli),
            times(burn.burn_5m_milli),
            escape::inline(&burn.state),
            asked,
        ]
    }

    pub(super) fn questions(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Questions")?;
        let row = |question: &Question| {
            let answer = match &question.answer {
                Some((at, text)) => format!("{} ({})", escape::inline(text), self.at(*at)),
                None => "**open**".into(),
            };
            [
                question.number.to_string(),
                self.corrected(question.id, &question.what.text),
                format!("{} by {}", self.at(question.asked), escape::inline(&question.by)),
                or_empty(question.what.of.as_deref()),
                answer,
            ]
        };
        let rows: Vec<[String; 5]> = self.incident.questions().all().iter().map(row).collect();
        if rows.is_empty() {
            return page.says("Nothing was asked.");
        }
        page.table(["No", "Question", "Asked (UTC)", "Of", "Answer"], &rows)
    }

    pub(super) fn tasks(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Tasks")?;
        let row = |task: &Task| {
            let said =
                |words: &str| if words.is_empty() { String::new() } else { format!(": {}", escape::inline(words)) };
            let state = match &task.state {
                TaskState::Open => "**open**".into(),
                TaskState::Done(at, result) => format!("done {}{}", self.at(*at), said(result)),
                TaskState::Dropped(at, why) => format!("dropped {}{}", self.at(*at), said(why)),
            };
            let undo = if task.what.undo { "to undo: " } else { "" };
            [
                task.number.to_string(),
                format!("{undo}{}", self.corrected(task.id, &task.what.text)),
                or_empty(task.what.owner.as_deref()),
                task.what.due.map(|due| self.at(due)).unwrap_or_default(),
                task.what.goal.map(|goal| goal.to_string()).unwrap_or_default(),
                state,
            ]
        };
        let rows: Vec<[String; 6]> = self.incident.tasks().all().iter().map(row).collect();
        if rows.is_empty() {
            return page.says("No task was given.");
        }
        page.table(["No", "Task", "Owner", "Due (UTC)", "Goal", "State"], &rows)
    }

    pub(super) fn remains(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "What remains")?;
        let remains = self.incident.remains(&self.options.rules.elsewhere);
        if remains.is_empty() {
            return page.says("Nothing.");
        }
        remains.iter().try_for_each(|what| page.item(&escape::inline(what)))
    }
}
