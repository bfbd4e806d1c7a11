//! The console: this terminal taken over for a screen, and given back when it has ended. What all screens have
//! alike outside; what is a screen's own is its [`Outside`].

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use ratatui::Terminal;

use super::effect::{Effect, Exit};
use super::run::{self, Show, World};
use super::terminal::backend::Screenful;
use super::terminal::{Event, Screen};

/// What a screen has outside besides its terminal. `()` has nothing.
pub trait Outside {
    /// Carries out what this screen alone asks for. The loop and the console see to the terminal.
    fn carry_out(&mut self, effect: Effect, screen: &Screen);

    /// Stops this process until somebody says `fg`, and says whether that was possible.
    ///
    /// # Errors
    /// If the terminal is gone meanwhile.
    fn suspend(&mut self, screen: &Screen) -> io::Result<bool> {
        screen.suspend()
    }

    /// The loop has ended, and the terminal is given back next: that may take a moment.
    fn ended(&mut self) {}
}

impl Outside for () {
    fn carry_out(&mut self, _effect: Effect, _screen: &Screen) {}
}

/// This terminal, taken over until it is dropped or its screen has ended, and the messages that come in.
pub struct Console<M> {
    screen: Screen,
    // After the screen: what it still writes must not come behind what gives the terminal back.
    terminal: Terminal<Screenful>,
    sender: Sender<M>,
    messages: Receiver<M>,
}

impl<M: From<Event> + Send + 'static> Console<M> {
    /// Takes the terminal over. Keys and signals come as messages from here on. `alone`: this process is nothing
    /// but a dashboard, so that it may be ended when it hangs.
    ///
    /// # Errors
    /// If the terminal cannot be taken over, or no thread is left.
    pub fn take(alone: bool) -> io::Result<Self> {
        let (sender, messages) = mpsc::channel();
        let screen = Screen::take(&sender, alone)?;
        let terminal = Terminal::new(Screenful::new(screen.output()))?;
        Ok(Self {
            screen,
            terminal,
            sender,
            messages,
        })
    }

    /// Where messages for the screen go.
    #[must_use]
    pub fn sender(&self) -> Sender<M> {
        self.sender.clone()
    }

    /// Shows the screen until something ends it, and says what. When this returns, the terminal is as it was.
    ///
    /// # Errors
    /// If the terminal cannot be drawn on. One that is gone is no error: that is [`Exit::HangUp`].
    pub fn run<S: Show<Message = M>>(
        self,
        state: &mut S,
        outside: &mut impl Outside,
        frame: Duration,
    ) -> io::Result<Exit> {
        let Self {
            sender,
            messages,
            mut terminal,
            screen,
        } = self;
        let mut here = Here {
            begun: Instant::now(),
            screen: &screen,
            sender: &sender,
            outside,
        };
        let exit = run::run(&mut terminal, state, &messages, &mut here, frame);
        here.outside.ended();
        let gone = !screen.is_there();
        drop(screen);
        match exit {
            // Whoever looks for the hang-up looks for the cause.
            Ok(_) | Err(_) if gone => Ok(Exit::HangUp),
            exit => exit,
        }
    }
}

/// What the loop runs in: this terminal, and what the screen has besides.
struct Here<'a, M, O> {
    begun: Instant,
    screen: &'a Screen,
    sender: &'a Sender<M>,
    outside: &'a mut O,
}

impl<M: From<Event>, O: Outside> World for Here<'_, M, O> {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn is_ready(&self) -> bool {
        self.screen.output().is_idle()
    }

    fn carry_out(&mut self, effect: Effect) {
        if effect != Effect::Suspend {
            return self.outside.carry_out(effect, self.screen);
        }
        let event = match self.outside.suspend(self.screen) {
            Ok(true) => return,
            Ok(false) => Event::NoShell,
            Err(_) => Event::HangUp,
        };
        _ = self.sender.send(event.into());
    }
}
