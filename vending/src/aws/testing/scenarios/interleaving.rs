//! Two processes that run at the same time, call by call, as a number decides.

use std::pin::Pin;

/// Numbers that the seed decides (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of the two.
    pub(super) fn either(&mut self) -> usize {
        usize::from(self.below(2) == 1)
    }
}

/// The two, as far as they have not ended or died.
pub(super) type Running<T> = [Option<Pin<Box<dyn Future<Output = T>>>>; 2];

/// Lets both go on, one step at a time, until each has ended or died. At each step the other one has its turn once in
/// `steady` times, and the one whose turn it is dies once in `deadly`: what it asked for last has had its effect, and it
/// never heard of it. `between` is told who came to which end at a step, if one did.
pub(super) async fn interleave<T>(
    dice: &mut Dice,
    mut running: Running<T>,
    (steady, deadly): (u64, u64),
    mut between: impl FnMut(&mut Dice, Option<(usize, T)>),
) {
    let mut turn = dice.either();
    while running.iter().any(Option::is_some) {
        if running[turn].is_none() || dice.one_in(steady) {
            turn = 1 - turn;
        }
        let Some(future) = running[turn].as_mut() else { continue };
        if dice.one_in(deadly) {
            running[turn] = None;
            continue;
        }
        let end = match futures::poll!(future.as_mut()) {
            std::task::Poll::Ready(end) => {
                running[turn] = None;
                Some((turn, end))
            }
            std::task::Poll::Pending => None,
        };
        between(dice, end);
        tokio::task::yield_now().await;
    }
}
