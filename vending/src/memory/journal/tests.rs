use fleet_model::tags;
use proptest::prelude::*;

use super::super::example;
use super::*;

fn journal(text: &str) -> Journal {
    Journal::read(&BTreeMap::from([(JOURNAL.to_owned(), text.to_owned())]))
}

fn all_types() -> BTreeSet<ContactType> {
    TYPES.into()
}

/// Both kinds of tags together, each as AWS takes it.
fn tags_of(memory: &Memory) -> BTreeMap<String, String> {
    let mut all = memory.journal();
    all.extend(memory.journal_of_contacts(&all_types()));
    for (key, value) in &all {
        // The prefix aside, which is ours, it is a tag as any other.
        let key = key.strip_prefix(tags::PREFIX).expect("it is ours");
        assert_eq!(tags::check_user_tag(key, value), Ok(()), "{value}");
    }
    all
}

/// All of a memory is in its journal, but for what the controls made: its own tags say that.
fn whole(memory: &Memory) -> Journal {
    let Memory {
        parent_before,
        onboarding_parent,
        quarantine_policies,
        password_policy,
        contacts,
        regions,
        contacts_set: _,
        made: _,
        // Nothing puts these back: the inventory file tells people.
        settings: _,
    } = memory.clone();
    Journal {
        parent_before,
        onboarding_parents: onboarding_parent.into_iter().collect(),
        quarantine_policies,
        password_policy,
        contacts,
        regions,
    }
}

#[test]
fn a_journal_is_tags_that_aws_takes() {
    let tags = tags_of(&example());
    let rows = [
        (
            "fleet:journal",
            "onboarding=ou-ab12-onboard0 parent=ou-ab12-prod0000 password=8.90.0.lnc policy=p-quarantine region=ap-southeast-3",
        ),
        (
            "fleet:journal-contacts",
            "billing=none security.email=a@example.com security.name=A.=20Person security.phone=+65=201234 security.title=On=20call",
        ),
    ];
    assert_eq!(tags, rows.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert_eq!(tags_of(&Memory::default()), BTreeMap::new());
    assert_eq!(Journal::read(&tags), whole(&example()));
}

#[test]
fn what_others_wrote_into_it_is_left_out_unless_it_makes_sense() {
    for text in [
        "",
        "parent=",
        "parent=Prod",
        "onboarding=../x",
        "policy=all",
        "password=8",
        "region=us_east",
        "region=../../etc",
        "x=y",
        "parent",
        "policy=p-\u{1b}",
        "billing=x",
        "security.name=A",
        "billing.email=a billing.name==1B billing.phone=1 billing.title=t",
        "billing.email=a billing.name==9 billing.phone=1 billing.title=t",
        "billing.email=a billing.name==FF billing.phone=1 billing.title=t",
    ] {
        assert_eq!(journal(text), Journal::default(), "{text}");
    }
    let elsewhere = [("fleet:journal-x", "parent=r-ab12"), ("fleet:journalist", "parent=r-ab12")];
    let tags = elsewhere.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(Journal::read(&tags), Journal::default());
}

#[test]
fn who_goes_from_one_waiting_place_to_another_is_in_either() {
    let read = Journal::read(&example().journal_before_onboarding("ou-ab12-other000"));
    let both = ["ou-ab12-onboard0", "ou-ab12-other000"].map(str::to_owned);
    assert_eq!(read.onboarding_parents, both.into());
}

#[test]
fn only_the_contacts_that_are_asked_for_are_told() {
    let one = example().journal_of_contacts(&[ContactType::Billing].into());
    assert_eq!(one.values().collect::<Vec<_>>(), ["billing=none"]);
}

proptest! {
    #[test]
    fn a_password_policy_reads_back(
        length in 6..128i32, flags in any::<[bool; 6]>(),
        age in prop::option::of(1..1095i32), reuse in prop::option::of(1..25i32),
    ) {
        let policy = PasswordPolicy {
            minimum_length: length, lowercase: flags[0], uppercase: flags[1], numbers: flags[2],
            symbols: flags[3], users_may_change: flags[4], hard_expiry: flags[5],
            max_age_days: age, reuse_prevention: reuse,
        };
        let before = Before::Was(policy);
        prop_assert_eq!(read_password(&password(&before)), Some(before));
    }

    /// However long: nothing is cut off.
    #[test]
    fn a_memory_reads_back_from_its_tags(
        contacts in prop::collection::btree_map(
            prop::sample::select(TYPES.to_vec()), ("\\PC{1,64}", "\\PC{1,50}", "\\PC{1,254}", "[0-9()+ -]{1,25}"), 0..4,
        ),
        policies in prop::collection::btree_set("p-[a-z0-9_]{1,128}", 0..5),
        regions in prop::collection::btree_set("[a-z]{2}-[a-z]{4,9}-[1-9]", 0..20),
    ) {
        let contact = |(name, title, email, phone_number)| Contact { name, title, email, phone_number };
        let memory = Memory {
            contacts: contacts.into_iter().map(|(of, parts)| (of, Before::Was(contact(parts)))).collect(),
            quarantine_policies: policies,
            regions,
            ..example()
        };
        prop_assert_eq!(Journal::read(&tags_of(&memory)), whole(&memory));
    }
}
