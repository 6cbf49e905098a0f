//! What a panic leaves on stderr.

use std::backtrace::Backtrace;
use std::borrow::Cow;
use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Takes out of a message what nobody may read.
type Mask = fn(&str) -> Cow<'_, str>;

/// Writes panics as a host wants them: a line that begins with `panic: `, then the backtrace. Terraform and OpenTofu then
/// show both as the "Stack trace from the … plugin". `mask` takes out of the message what nobody may read.
pub fn install_panic_hook(mask: fn(&str) -> Cow<'_, str>) {
    std::panic::set_hook(Box::new(move |info| {
        let report = report(info, &Backtrace::force_capture(), mask);
        // In one piece, since other threads may write as well. There is nobody to tell when stderr is gone.
        let _ = std::io::stderr().lock().write_all(report.as_bytes());
    }));
}

/// The text of a panic.
fn report(info: &PanicHookInfo<'_>, backtrace: &Backtrace, mask: Mask) -> String {
    let message = mask(message(info.payload()));
    let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
    format!("panic: {message}{place}\n\n{backtrace}\n")
}

/// What the panic said, if it said anything.
fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_formatted_and_other_payloads_have_a_message() {
        assert_eq!(message(&"plain"), "plain");
        assert_eq!(message(&"formatted".to_owned()), "formatted");
        assert_eq!(message(&7_u8), "without a message");
    }
}
