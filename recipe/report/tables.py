"""The paper's tables 1 to 3 with ours beside them, and the table of what separates statistically."""

from collections.abc import Sequence

from recipe.report import numbers, paper
from recipe.report.claims import CLAIM_NOTES, claims, judge
from recipe.report.doubts import doubt_notes
from recipe.report.energy import EnergyRow
from recipe.report.energy_table import energy_table
from recipe.report.intervals import Intervals
from recipe.report.memristor_table import memristor_tables
from recipe.report.results import Results, bits_order
from recipe.report.search_error_table import search_error_table, width_notes
from recipe.report.search_errors import row_errors, short_shares
from recipe.report.table_entries import data, mixture_notes, paper_record, paper_wer, record, row_cell, training_note
from recipe.report.text_table import Table
from recipe.report.training_spread import UNKNOWN, TrainingSpread
from recipe.report.variance_table import variance_table

COST_NOTE = (
    "Counted from the model, nothing is programmed: arrays of both polarities and of all digit planes. Conversions per "
    "second of audio at 25 frames per second. Factors: stored numbers that digital outputs are multiplied with behind "
    "the ADC, one of each column with a weight scale or a gain of its own, else one of each matrix."
)


def all_tables(
    results: Results,
    setup_name: str,
    transfer: Sequence[dict] | None = None,
    seed: int = 0,
    costs: Sequence[dict] | None = None,
    spread: TrainingSpread = UNKNOWN,
    energies: Sequence[EnergyRow] = (),
) -> dict[str, list[Table]]:
    """The tables of a report by name, each as a list of blocks.

    :param transfer: rows operation, mean, std, min, max of the simulated cells; None if nothing simulated them
    :param seed: of the bootstrap
    :param costs: rows bits, preset and the fields of memristor_sim.cost.Cost; None if nothing counted them
    :param spread: over trainings, as another graph measured it
    :param energies: what a second of audio takes on each row
    """
    intervals = Intervals(results, seed, spread)
    return {
        "table1": [transfer_table(transfer)],
        "table2": [digital_table(results, setup_name, intervals)],
        "table3": memristor_tables(results, setup_name, intervals),
        "claims": [claims_table(results, setup_name, intervals)],
        "costs": [cost_table(costs or (), setup_name)],
        "energy": [energy_table(energies, setup_name)],
        "variance": [variance_table(results, setup_name)],
        "search": [search_error_table(results, setup_name)],
    }


def transfer_table(transfer: Sequence[dict] | None) -> Table:
    """Table 1: what single memristor pairs make of weight times input."""
    figures = ("mean", "std", "min", "max")
    ours = {row["operation"]: row for row in transfer or ()}
    rows, records = [], []
    for operation in dict.fromkeys([*paper.TRANSFER, *ours]):
        published = paper.TRANSFER.get(operation)
        cells = [operation]
        for source, row, missing in (
            ("ours", ours.get(operation), numbers.MISSING),
            ("paper", published and vars(published), numbers.UNPUBLISHED),
        ):
            cells += [numbers.value(row[name]) for name in figures] if row else [missing, "", "", ""]
            if row:
                records.append({"operation": operation, "source": source} | {name: row[name] for name in figures})
        rows.append(cells)
    return Table(
        caption="Table 1. One input times one weight on memristor cells: mean, standard deviation, extremes",
        header=["input x weight", *figures, *(f"paper {name}" for name in figures)],
        rows=rows,
        records=records,
        notes=[paper.NOTES["table1"]],
    )


def digital_table(results: Results, setup_name: str, intervals: Intervals) -> Table:
    """Table 2: float, PTQ and QAT by weight bits; the paper's dev beside our first part."""
    rows, records = [], []
    for kind, published in paper.DIGITAL.items():
        for bits in sorted(results.bits(kind) | set(published), key=bits_order):
            found = [results.digital(kind, bits, part) for part in results.parts]
            trainings = [results.trainings(kind, bits, part) for part in results.parts]
            first, *others = (row_cell(row, results, intervals) for row in trainings)
            scales = next((numbers.scales(r.scale_mode, r.lm_scale, r.prior_scale) for r in found if r), "")
            searched = [row_errors(results.samples(row)) for row in trainings]
            missed = short_shares(searched)
            rows.append([kind, bits, first, paper_wer(published.get(bits)), *others, scales, missed])
            for row in trainings:
                records += [record(result, results, intervals if len(row) == 1 else None) for result in row]
            if bits in published:
                records.append(paper_record(kind, bits, published[bits]))
    first_part, *other_parts = results.parts
    header = [first_part, f"paper {paper.PART}", *other_parts, "scales LM/prior", "search errors"]
    shown = slice(None) if results.search_errors else slice(-1)
    return Table(
        caption=f"Table 2. Word error rate in % with 95 % interval over utterances and change against float; "
        f"{data(results, setup_name)}; paper: {paper.CORPUS} {paper.PART}, {paper.SOURCE}",
        header=["system", "bits", *header[shown]],
        rows=[row[shown] for row in rows],
        records=records,
        notes=[
            training_note(results, intervals),
            *searched_notes(results),
            *mixture_notes(results),
            *doubt_notes(results, paper.DIGITAL),
            paper.NOTES["table2"],
        ],
    )


def searched_notes(results: Results) -> list[str]:
    """What the column of search errors holds."""
    return [*width_notes(results.search_errors), "Search errors per part."] if results.search_errors else []


def cost_table(costs: Sequence[dict], setup_name: str) -> Table:
    """What the mapping of each memristor row takes."""
    rows = [
        [
            row["bits"],
            row["preset"],
            *(f"{row[name]:,}" for name in ("weights", "crossbars", "cells")),
            f"{100 * row['utilisation']:.0f} %",
            *(f"{row[f'{converter}_conversions_per_s']:.3g}" for converter in ("dac", "adc")),
            f"{row['output_factors']:,}" if "output_factors" in row else "",  # counted before there was the column
        ]
        for row in costs
    ]
    return Table(
        caption=f"Crossbars. What the mapped layers take on hardware; setup {setup_name}",
        header=["bits", "preset", "weights", "crossbars", "cells", "cells used", "DAC per s", "ADC per s", "factors"],
        rows=rows,
        records=costs,
        notes=[COST_NOTE] if rows else ["There is no memristor row in this graph."],
    )


def claims_table(results: Results, setup_name: str, intervals: Intervals) -> Table:
    """What the paper's tables say, and whether ours tell it apart from chance."""
    rows, records = [], []
    for claim in claims(results):
        cells = [claim.text]
        for part in results.parts:
            verdict = judge(claim, part, intervals)
            cells += [verdict.interval, verdict.text]
            records.append({"claim": claim.text, "part": part, "verdict": verdict.text} | verdict.figures)
        cells.append(numbers.UNPUBLISHED if claim.published is None else f"{claim.published:+.1f}")
        rows.append(cells)
    verdicts = [title for part in results.parts for title in (part, f"{part} verdict")]
    return Table(
        caption=f"Claims. Difference of word error rates in % points with 95 % interval, paired bootstrap over "
        f"utterances; {data(results, setup_name)}",
        header=["claim", *verdicts, f"paper {paper.PART}"],
        rows=rows,
        records=records,
        notes=[
            *CLAIM_NOTES,
            training_note(results, intervals),
            *doubt_notes(results),
            f"Seed of the resampling: {intervals.seed}.",
        ],
    )
