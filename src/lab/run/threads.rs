//! One thread a process, all of them over the same shared numbers.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::program::{Act, Instr};
use super::super::value::Fault;
use super::super::waiting::{self, Waiting};
use super::Options;
use super::table::{At, Own, Table};
use super::way::Way;

/// How a thread ended.
pub(super) struct Thread {
    pub fault: Option<Fault>,
    pub ended: bool,
    pub waits: Vec<Duration>,
}

impl Table<'_> {
    /// Everything a process does, from its first step to its last.
    ///
    /// `None` if it panicked. Then it is gone all the same, so that nobody waits for it.
    pub(super) fn work(&self, who: usize, options: Option<&Options>) -> Option<Thread> {
        let mut thread = Thread {
            fault: None,
            ended: false,
            waits: Vec::new(),
        };
        let mut rng =
            StdRng::seed_from_u64(options.map_or(0, |it| it.seed).wrapping_add(who as u64));
        let steps = AssertUnwindSafe(|| self.steps(who, &mut thread, options, &mut rng));
        let outcome = panic::catch_unwind(steps);
        self.failed.fetch_or(outcome.is_err(), Ordering::SeqCst);
        let panicked = outcome.is_err();
        thread.fault = outcome.ok().and_then(Result::err);
        if thread.fault.is_some() {
            // Behind its runtime error it is nowhere any more.
            self.watch.leave_all(who);
        }
        self.faults.lock()[who].clone_from(&thread.fault);
        self.at.lock()[who] = At::Ended;
        if let Some(turnstile) = &self.turnstile {
            turnstile.gone(who);
        }
        (!panicked).then_some(thread)
    }

    fn steps(
        &self,
        who: usize,
        thread: &mut Thread,
        options: Option<&Options>,
        rng: &mut StdRng,
    ) -> Result<(), Fault> {
        let code = self.program.code_of(who);
        let mut pause = |name: &str, otherwise: Option<(Duration, Duration)>| {
            let time = options
                .and_then(|it| it.times.get(name).copied())
                .or(otherwise);
            if let Some((least, most)) = time {
                self.sleep(if least < most {
                    rng.random_range(least..=most)
                } else {
                    least
                });
            }
        };
        self.begin(who)?;
        loop {
            let pc = self.own[who].lock().pc;
            if matches!(code.code[pc], Instr::End) {
                thread.ended = true;
                return Ok(());
            }
            if let Some(turnstile) = &self.turnstile {
                if !turnstile.arrive(who) {
                    return Ok(());
                }
            } else if self.is_over() {
                return Ok(());
            }
            pause("step", None);
            // First what takes its time, or as long as others want; then the step, in which nothing waits.
            match &code.code[pc] {
                Instr::Activity(which) => pause(
                    &self.program.activities[*which],
                    options.map(|it| it.otherwise),
                ),
                Instr::Lock { act, which, .. } if act.asks() => {
                    let slot = which.at(&self.own[who].lock().slots)?;
                    if !self.ask(who, thread, *act, slot) {
                        return Ok(());
                    }
                }
                Instr::Around => thread::yield_now(),
                _ => {}
            }
            self.step(who, pc)?;
        }
    }

    /// Goes to the first step.
    fn begin(&self, who: usize) -> Result<(), Fault> {
        let own = &mut *self.own[who].lock();
        let code = self.program.code_of(who);
        let way = Way::of(code, None, 0, &mut own.slots)?;
        self.arrive(who, own, &way, 0);
        Ok(())
    }

    /// Takes a step. Of a `wait` or `lock` it is what comes behind it: the process has got it.
    fn step(&self, who: usize, pc: usize) -> Result<(), Fault> {
        let own = &mut *self.own[who].lock();
        let code = self.program.code_of(who);
        let (mut write, mut give, mut asks) = (None, None, false);
        match &code.code[pc] {
            Instr::Load { from, into } => {
                own.slots[*into] = self.shared[from.at(&own.slots)?].load(Ordering::SeqCst);
            }
            Instr::Store { to, value } => {
                let value = value.of(&own.slots)?;
                write = Some((to.at(&own.slots)?, value));
            }
            Instr::Lock { act, which, .. } if !act.asks() => give = Some(which.at(&own.slots)?),
            Instr::Lock { .. } => asks = true,
            _ => {}
        }
        // Where it goes depends on what it reads and on nothing else, so it is known before others can notice the step;
        // and what it leaves by the step, it leaves before they can.
        let way = Way::of(code, Some(pc), pc + 1, &mut own.slots);
        let before = code.inside[pc];
        let after = way.as_ref().map_or(0, |way| code.inside[way.pc]);
        if !asks {
            self.watch.leave(who, before & !after);
        }
        if let Some((slot, value)) = write {
            self.shared[slot].store(value, Ordering::SeqCst);
            self.watch.writes(who, slot, value, &mut own.scratch);
        }
        if let Some(slot) = give {
            self.give(who, slot)
                .map_err(|reason| Fault::new(&code.spans[pc], reason))?;
        }
        self.arrive(who, own, &way?, before);
        Ok(())
    }

    /// A process stands before its next step.
    fn arrive(&self, who: usize, own: &mut Own, way: &Way, before: u64) {
        let code = self.program.code_of(who);
        let seen = &self.seen[who];
        own.pc = way.pc;
        seen.pc.store(way.pc, Ordering::Relaxed);
        self.watch.goes_on(who);
        self.watch.enter(who, code.inside[way.pc] & !before);
        for section in way.entered(code) {
            own.turns[section] += 1;
            seen.turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Which sections a process leaves by getting the lock it stands before.
    fn leaves(&self, who: usize) -> u64 {
        let own = self.own[who].lock();
        let code = self.program.code_of(who);
        let before = code.inside[own.pc];
        if before == 0 {
            return 0;
        }
        let after = code.settle(own.pc + 1, &mut own.slots.clone());
        before & !after.map_or(0, |pc| code.inside[pc])
    }

    fn ask(&self, who: usize, thread: &mut Thread, act: Act, slot: usize) -> bool {
        let asked = self.clock.now();
        self.watch.asks(who, self.leaves(who));
        self.at.lock()[who] = At::Asks(act, slot, asked);
        let queued = || {
            if let Some(turnstile) = &self.turnstile {
                turnstile.queued(who);
            }
        };
        let got = self
            .lock(slot)
            .ask(who, act, queued, || self.watch.passes(who));
        let waited = self.clock.now().saturating_sub(asked);
        thread.waits.push(waited);
        let nanoseconds = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.seen[who]
            .longest
            .fetch_max(nanoseconds, Ordering::Relaxed);
        if got.is_ok() {
            self.at.lock()[who] = At::Work;
        }
        got.is_ok()
    }

    fn give(&self, who: usize, slot: usize) -> Result<(), String> {
        let lock = self.lock(slot);
        let given = lock.give(who, |let_in| {
            for &it in let_in {
                self.watch.passes(it);
            }
            if let Some(turnstile) = &self.turnstile {
                turnstile.let_in(let_in);
            }
        });
        given.map_err(|_| {
            let holder = lock.look(|gate| gate.holders().next());
            let holder = holder.map_or("nobody", |it| &self.program.processes[it].name);
            let (me, name) = (
                &self.program.processes[who].name,
                self.program.lock_name(slot),
            );
            format!("{me} unlocks `{name}`, and {holder} holds it")
        })
    }

    /// Who waits for whom, if nobody can go on. Exact: a thread says what it asks for before it asks, and takes
    /// that back after it got it and before it does anything else. Nobody can say anything while this looks, so
    /// while all of them ask and each is seen waiting, nobody changes a lock.
    pub(super) fn deadlock(&self) -> Vec<Waiting> {
        let at = self.at.lock();
        let mut asking = Vec::new();
        for (who, at) in at.iter().enumerate() {
            match at {
                At::Ended => {}
                At::Work => return Vec::new(),
                At::Asks(act, slot, _) => {
                    if !self.lock(*slot).look(|gate| gate.is_stuck(who, *act)) {
                        return Vec::new();
                    }
                    asking.push((who, *slot));
                }
            }
        }
        let stands = |who: usize| {
            let pc = || self.seen[who].pc.load(Ordering::Relaxed);
            (!matches!(at[who], At::Ended)).then(pc)
        };
        asking
            .into_iter()
            .map(|(who, slot)| {
                let holders = self.lock(slot).look(|gate| gate.holders().collect());
                waiting::one(self.program, who, slot, holders, &stands)
            })
            .collect()
    }
}
