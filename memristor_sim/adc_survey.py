"""Energy and area of analogue-to-digital converters by resolution, rate and technology: a fit of published converters.

Source: the coefficients of hwcomponents-adc 1.0.21 (MIT licence), which are fitted to B. Murmann's ADC Performance
Survey as arXiv 2404.06553 says. By its own words it is optimistic: what the better published converters reach.
Resolution is taken as the effective number of bits.
"""

from math import ceil, exp, log, log10

LEAST_BITS = 4
"""The survey has no coarser ones; fewer bits cost as much as these here."""
MOST_BITS = 20

# Schreier's figure of merit in dB: the smaller one of a line in ln(samples per second) and one in the bits.
FOM_INTERCEPT_DB = 213.7806687348118
FOM_PER_LN_RATE_DB = -2.8719030399529957
FOM_LIMIT_DB = 128.3068287398817
FOM_LIMIT_PER_BIT_DB = 3.2205115213774937
# ln of the energy in pJ, beyond what the figure of merit says.
ENERGY_INTERCEPT = 26.0496215686518 - 1.4702022133784405
ENERGY_PER_LN_NM = 1.8800369206815004
ENERGY_PER_LN_BITS = -2.8291256050594527
# ln of the area in square micrometres.
AREA_INTERCEPT = 1.3461916439910742
AREA_PER_LN_NM = 0.9932794744745022
AREA_PER_LN_RATE = 0.18071538424508238
AREA_PER_LN_PJ = 0.29912426192653485


def conversion_energy_j(bits: float, technology_nm: float, samples_per_s: float) -> float:
    """Energy of one conversion.

    :param bits: of the converter; below 4 as for 4.
    :param technology_nm: node of the CMOS process.
    :param samples_per_s: rate of one converter.
    """
    bits = min(max(bits, LEAST_BITS), MOST_BITS)
    by_rate_db = FOM_INTERCEPT_DB + FOM_PER_LN_RATE_DB * log(samples_per_s)
    fom_db = min(by_rate_db, FOM_LIMIT_DB + FOM_LIMIT_PER_BIT_DB * ceil(bits))
    signal_to_noise_db = 20 * bits * log10(2) + 10 * log10(1.5)
    of_merit = 0.5 * 10 ** ((signal_to_noise_db - fom_db) / 10)
    beyond = exp(ENERGY_INTERCEPT + ENERGY_PER_LN_NM * log(technology_nm) + ENERGY_PER_LN_BITS * log(bits))
    return 1e-12 * of_merit * beyond


def converter_area_mm2(bits: float, technology_nm: float, samples_per_s: float) -> float:
    """Area of one converter; arguments as of `conversion_energy_j`."""
    energy_pj = 1e12 * conversion_energy_j(bits, technology_nm, samples_per_s)
    of_node = AREA_PER_LN_NM * log(technology_nm) + AREA_PER_LN_RATE * log(samples_per_s)
    return 1e-6 * exp(AREA_INTERCEPT + of_node + AREA_PER_LN_PJ * log(energy_pj))
