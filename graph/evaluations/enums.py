"""The domain's enums of evaluations, as clients see them."""

from domain.analysis.names import Regime, Scenario
from domain.evaluations.downloads import FileForm
from domain.evaluations.model import EntryWarning, EvaluationKind, Part, SeriesName
from domain.jobs.events import Split
from graph.enums import described

described(
    EvaluationKind,
    "EvaluationKind",
    "What is found out about models.",
    {
        EvaluationKind.BACKTEST: "What one model would have earned on some data.",
        EvaluationKind.STRESS_TEST: "What 1 to 5 models would have earned, had the same data gone badly.",
        EvaluationKind.COMPARISON: "Which of 2 to 10 models is better on the same data; whether that may be chance.",
        EvaluationKind.WALK_FORWARD: "Whether the way one model was trained holds on one window after another.",
    },
)
described(
    Part,
    "EvaluationPart",
    "The files of an evaluation.",
    {
        Part.SERIES: "Equity, drawdown, rolling Sharpe ratio and exposure of all entries at each bar.",
        Part.POSITIONS: "What each model held of each symbol at each bar.",
        Part.TRADES: "The trades of one model.",
        Part.PRICES: "What the account traded at and was valued by: of each symbol at each bar.",
        Part.ORDERS: "What each order cost under each entry; of models that work off orders.",
        Part.REPORT: "All of it on one page for people, with pictures: to read, to print, to send on.",
    },
)
described(
    FileForm,
    "EvaluationFileForm",
    "In which form to take a file.",
    {
        FileForm.PARQUET: "Parquet: small, with types.",
        FileForm.CSV: "Text for spreadsheets; nothing in it is taken for a formula.",
        FileForm.HTML: "A page that needs nothing else; the form of REPORT, and only of that.",
    },
)
described(
    EntryWarning,
    "EntryWarning",
    "Why not to trust the figures of a model.",
    {
        EntryWarning.LOOKS_AHEAD: "Its decisions change when the future is cut off: no figure of it can be trusted.",
        EntryWarning.SUSPICIOUS: "One bar later it would earn so much less that a column may tell it the future.",
        EntryWarning.TRAINED_ON: "It was trained on some of these bars, or chosen by them, which flatters it.",
    },
)
described(
    SeriesName,
    "EvaluationSeriesName",
    "What a chart can show of an entry.",
    {
        SeriesName.EQUITY: "What the account was worth, in money.",
        SeriesName.DRAWDOWN: "How far below its highest so far, as a share: 0 or less.",
        SeriesName.ROLLING_SHARPE: "The Sharpe ratio of the last 60 bars, or of half of them where they are few.",
        SeriesName.EXPOSURE: "All positions together, long and short, in multiples of the equity.",
    },
)
described(
    Scenario,
    "StressScenario",
    "What is done to the data.",
    {
        Scenario.CRASH: "In the middle, prices fall within five bars and stay there. Strength: by which share, 0.3.",
        Scenario.VOLATILITY: "Moves around their mean are larger. Strength: by which factor, 2.",
        Scenario.GAP: "In the middle, prices fall between two bars and stay there. Strength: by which share, 0.1.",
        Scenario.DROUGHT: "For a fifth of the time trading is dearer and volumes smaller. Strength: the factor, 5.",
        Scenario.COSTS: "Trading is dearer all the time. Strength: by which factor, 3.",
        Scenario.REVERSAL: "Each move is turned round. It has one strength, 1.",
        Scenario.BOOTSTRAP: "The bars in another order, by blocks. Strength: bars in a block, 20. With several runs.",
    },
)
described(
    Regime,
    "MarketRegime",
    "What kind of market it was, labelled afterwards: docs/evaluations.md says how.",
    {
        Regime.FALLING_CALM: "Prices fell, evenly.",
        Regime.FALLING_WILD: "Prices fell, with large moves.",
        Regime.SIDEWAYS_CALM: "Prices went nowhere, evenly.",
        Regime.SIDEWAYS_WILD: "Prices went nowhere, with large moves.",
        Regime.RISING_CALM: "Prices rose, evenly.",
        Regime.RISING_WILD: "Prices rose, with large moves.",
    },
)

__all__ = ["EntryWarning", "EvaluationKind", "FileForm", "Part", "Regime", "Scenario", "SeriesName", "Split"]
