//! The tests of accounts over the wire: the same functions, with accounts that `fleet-vending-aws` vends.
//!
//! Those are chosen whose behaviour crosses the seam: what is asked, what comes back, what is done once, what waits, what a crash
//! leaves. Others run with the built-in vendor alone, because they are about
//!
//! - the words of a diagnostic about AWS: over the wire it is a vendor's problem (FLEET0560, FLEET0561), with the same class;
//! - what AWS alone has, and the provider asks of it in its own process: units, quarantine, guardrails and the difference of policies,
//!   the list resource, the data sources (`Vendor::aws` is `None` of every other vendor);
//! - arguments of the provider block that a vendor has in its `settings` (`refresh_readiness`, `member_access`, `organization`);
//! - the inventory, the life cycle and the plan, which are the provider's own whoever vends.

use anyhow::Result;
use fleet_acceptance::{Cli, over_the_wire};

use crate::{account, crash};

macro_rules! wired {
    ($($module:ident::$name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() -> Result<()> {
                over_the_wire(|| $module::$name(Cli::ONE))
            }
        )+
    };
}

wired!(
    account::it_becomes_ready_and_stays_so,
    account::it_changes_in_place,
    account::thirteen_at_once,
    account::a_slow_account_is_a_warning_and_the_next_apply_goes_on,
    account::throttling_is_waited_out,
    account::a_create_that_fails_leaves_nothing,
    crash::killed_right_after_create_account_was_sent,
    crash::killed_while_the_account_is_made,
    crash::the_answer_to_create_account_is_lost,
);
