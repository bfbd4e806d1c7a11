//! Whether a rule was ever asked. One that no state puts to the test has not held: nothing is known of it.

use super::super::program::{Program, What};
use super::super::rules::inside;
use super::super::system::Processes;
use crate::orders::Graph;

/// Why a rule that was not seen broken was never asked, if it was not: every order has been looked at, and
/// none came to where it is asked.
pub(super) fn never(
    program: &Program,
    system: &Processes<'_>,
    graph: &Graph,
    what: &What,
) -> Option<String> {
    if graph.is_empty() {
        return Some("it goes wrong before anybody's first step".to_owned());
    }
    let nobody_in = |sections: &[usize]| {
        let empty = sections
            .iter()
            .find(|&&it| !anybody_in(program, system, graph, it));
        empty.map(|&it| format!("nobody ever comes into `{}`", program.sections[it]))
    };
    match what {
        What::Finally(_) if !graph.ended() => Some(if graph.stuck() {
            "in no order do all processes end".to_owned()
        } else {
            "no order ends".to_owned()
        }),
        What::NeverStarve(section) => nobody_in(&[*section]),
        What::NeverTogether(one, other) => nobody_in(&[*one, *other]),
        _ => None,
    }
}

/// Why a rule is not decided when not everything was looked at.
pub(super) fn not_decided(graph: &Graph, what: &What) -> &'static str {
    match what {
        What::NeverStarve(_) => "only all states together say who starves",
        What::Finally(_) if !graph.ended() => "in no order looked at have all processes ended",
        _ => "held in every order looked at",
    }
}

fn anybody_in(program: &Program, system: &Processes<'_>, graph: &Graph, section: usize) -> bool {
    // Nearly always a step in it was taken; else somebody may have stood before one.
    let taken = program.codes.iter().zip(system.taken());
    let mut taken = taken.flat_map(|(code, taken)| code.inside.iter().zip(taken));
    taken.any(|(inside, taken)| taken && inside >> section & 1 == 1) || {
        let mut state = program.initial.clone();
        (0..graph.len()).any(|id| {
            system.unpack(graph.state(id), &mut state);
            (0..program.processes.len()).any(|who| inside(program, &state, who, section))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::compile::Settings;
    use super::super::super::report::{Outcome, Report};
    use super::super::{Limits, check, replay};

    fn checked(source: &str) -> Report {
        let program = crate::lab::load("f.sync", source, &Settings::default()).unwrap();
        check(&program, source, Limits::default(), &mut |_| {})
    }

    const SPINS: &str = "shared x; process a { x = 1; } process b { while (x != 2) ; }";
    const STUCK: &str = "semaphore s = 0; process a { wait(s); }";
    const GOES_WRONG: &str = "shared x; process a { x = 1; assert(x == 2); }";
    const STAYS_OUT: &str = "shared x; process a { if (x == 5) { section cs { x = 1; } } }";
    const BEFORE: &str = "process a { local x = 1, y; x = x / y; }";

    #[test]
    fn a_rule_that_no_order_comes_to_is_never_said_to_hold() {
        for (program, rule, why) in [
            (SPINS, "finally x == 7", "no order ends"),
            (STUCK, "finally s == 7", "in no order do all processes end"),
            (
                GOES_WRONG,
                "finally x == 7",
                "in no order do all processes end",
            ),
            (STAYS_OUT, "never starve cs", "nobody ever comes into `cs`"),
            (
                STAYS_OUT,
                "never together cs, cs",
                "nobody ever comes into `cs`",
            ),
            (
                BEFORE,
                "never deadlock",
                "it goes wrong before anybody's first step",
            ),
            (
                BEFORE,
                "finally FALSE",
                "it goes wrong before anybody's first step",
            ),
        ] {
            let report = checked(&format!("{program} {rule};"));
            assert!(
                matches!(report.rules[0].outcome, Outcome::NeverAsked),
                "{report}"
            );
            let line = format!("– {rule}: never asked, {why}\n");
            assert!(report.to_string().contains(&line), "{report}");
            let json = serde_json::to_value(&report).unwrap();
            assert_eq!(json["rules"][0]["outcome"], "never_asked");
            assert_eq!(json["rules"][0]["why"], why);
        }
    }

    #[test]
    fn a_rule_that_some_order_comes_to_holds_or_does_not() {
        for (program, rule, holds) in [
            (
                "shared x; process a { while (x == 0) x = 1; }",
                "finally x == 1",
                true,
            ),
            (
                "shared x; process a { while (x == 0) x = 1; }",
                "finally x == 7",
                false,
            ),
            // It stands before a step in the section, and never takes it.
            (
                "semaphore s = 0; process a { section cs { wait(s); } }",
                "never starve cs",
                true,
            ),
            (STUCK, "never s == 7", true),
        ] {
            let report = checked(&format!("{program} {rule};"));
            assert_eq!(
                matches!(report.rules[0].outcome, Outcome::Holds),
                holds,
                "{report}"
            );
            assert!(report.rules[0].why.is_none() && report.decided());
        }
    }

    #[test]
    fn nothing_is_decided_if_no_rule_was_asked() {
        assert!(!checked(&format!("{SPINS} finally x == 7;")).decided());
        assert!(checked(&format!("{SPINS} finally x == 7; never x == 5;")).decided());
        let broken = checked(&format!("{SPINS} finally x == 7; never x == 1;"));
        assert!(broken.decided() && broken.broken());
        assert!(checked(SPINS).decided());
    }

    #[test]
    fn one_order_says_which_rules_it_says_nothing_of() {
        let source = "shared x; process a { section cs { x++; } } finally x == 1; never starve cs;";
        let program = crate::lab::load("f.sync", source, &Settings::default()).unwrap();
        let not_asked = |schedule: &str| {
            let schedule = schedule.parse().unwrap();
            let said = replay(&program, source, &schedule).not_asked;
            said.into_iter().map(|it| it.0).collect::<Vec<_>>()
        };
        assert_eq!(not_asked("A"), ["finally x == 1", "never starve cs"]);
        assert_eq!(not_asked("AA"), ["never starve cs"]);
    }
}
