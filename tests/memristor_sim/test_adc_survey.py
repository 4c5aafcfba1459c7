"""The fit of published converters against its authors' own package, and against the converter of a published design."""

import pytest

from memristor_sim.adc_survey import conversion_energy_j, converter_area_mm2

JUDGED = {  # bits, nm, samples per second: pJ, um^2 of hwcomponents-adc 1.0.21 with hwcomponents 1.0.114
    (4, 22, 1e7): (0.45668927, 1205.6924),
    (8, 32, 1e7): (1.71371197, 2598.1388),
    (8, 65, 1e8): (6.49447941, 11861.7299),
    (10, 32, 1.28e9): (16.4183405, 12275.1158),
    (12, 32, 1e8): (29.0575917, 9185.3924),
    (12, 45, 1e7): (13.6192106, 6776.5042),
}


@pytest.mark.parametrize("given", JUDGED, ids=str)
def test_it_is_the_published_fit(given):
    energy_pj, area_um2 = JUDGED[given]
    assert 1e12 * conversion_energy_j(*given) == pytest.approx(energy_pj, rel=1e-4)
    assert 1e6 * converter_area_mm2(*given) == pytest.approx(area_um2, rel=1e-4)


def test_the_installed_package_still_agrees_within_a_quarter():
    """It needs Python 3.12 and brings pandas along, so it is not in the environment: `pip install hwcomponents-adc`."""
    judge = pytest.importorskip("hwcomponents_adc.main")
    for bits, nm, rate in JUDGED:
        adc = judge.ADC(n_bits=bits, tech_node=nm * 1e-9, throughput=rate)
        assert conversion_energy_j(bits, nm, rate) == pytest.approx(adc.get_energy(), rel=0.25)
        assert converter_area_mm2(bits, nm, rate) == pytest.approx(1e6 * adc.area, rel=0.25)


def test_the_converter_of_isaac_lies_within_a_quarter():
    """ISCA 2016, table of parameters: eight ADCs of 8 bit and 1.28e9 samples per second at 32 nm take 16 mW."""
    isaac_j = 16e-3 / 8 / 1.28e9
    assert conversion_energy_j(8, 32, 1.28e9) == pytest.approx(isaac_j, rel=0.25)
    assert conversion_energy_j(8, 32, 1e7) == pytest.approx(isaac_j, rel=0.25)


def test_bits_below_the_survey_cost_what_its_coarsest_converters_do():
    assert conversion_energy_j(1, 32, 1e7) == conversion_energy_j(4, 32, 1e7) < conversion_energy_j(5, 32, 1e7)
