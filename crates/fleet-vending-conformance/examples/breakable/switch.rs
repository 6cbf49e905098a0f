//! The rules that the vendor can break, one at a time.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    DescriptionVaries,
    AnswersUnconfigured,
    SettingsWithoutPlace,
    ReadOnlyWrites,
    EighthCallMakesAnother,
    CallsRace,
    ProcessesRace,
    RemembersTooLate,
    MakesAgainAfterLostAnswer,
    CancelIsIgnored,
    DeadlineIsAnError,
    KeyMayChange,
    OwnerIsIgnored,
    NoCheckpoint,
    PhaseGoesBack,
    ObserveWrites,
    PreflightSeesTheFirst,
    OneClassForAll,
    SettingsAreTold,
    ClosesWhatIsActive,
    PagesOverlap,
    FallsOverStrangeTexts,
    ReleaseDeletes,
    OutlivesStdin,
    PeopleAreNotTold,
    SilentWhileItWaits,
    ObserveVaries,
    BelievesEverything,
    FreezesForGood,
    DigestIsIgnored,
    EveryTokenIsAPage,
}
