"""How slow this AWS is. Tests change these while it runs, by `POST /fleet-emulator/settings`."""

from dataclasses import asdict, dataclass, fields


@dataclass
class Settings:
    """Seconds, unless the name says otherwise."""

    create_seconds: float = 0.5
    """How long CreateAccount stays IN_PROGRESS."""
    role_seconds: float = 0.3
    """How long a new account's access role cannot be assumed yet."""
    region_seconds: float = 0.5
    """How long a region stays ENABLING or DISABLING."""
    close_seconds: float = 0.5
    """How long a closed account stays PENDING_CLOSURE."""
    close_quota: int = 250
    """How many accounts can be closed in 30 days, where 20 % of the accounts are not more."""
    close_oscillations: int = 0
    """How many of the first reads after CloseAccount still say ACTIVE."""
    otp_seconds: float = 600
    """How long the password of an email update is good."""
    read_lag_seconds: float = 0.0
    """How long a new account is missing in listings, and its tags empty."""
    account_quota: float = 10_000
    """How many accounts the organization may have, closed ones too. AWS begins with 10."""

    def update(self, values):
        """Takes the given values; an unknown name or a wrong type is an error."""
        kinds = {field.name: field.type for field in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"there is no setting {name!r}; there are {sorted(kinds)}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise ValueError(f"{name} is a number of at least 0, not {value!r}")
            setattr(self, name, value)

    def reset(self):
        """Back to the defaults."""
        self.update(asdict(Settings()))


SETTINGS = Settings()
