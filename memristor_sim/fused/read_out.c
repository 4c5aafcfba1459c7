/* A read-out: its matrix products, and the steps around them in one pass.
 *
 * All functions give the values of the torch operations in crossbar.py, linear_crossbar.py and noise_draws.py, bit by
 * bit: torch adds a product with one rounding, and so does fmaf here; nothing else may be contracted or reordered
 * (build.py sets the flags).
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,fma")))
#else
#define WIDE
#endif
#define INLINED static inline __attribute__((always_inline)) WIDE

/* Whether this processor has the instructions that the functions below are compiled for. */
int usable(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

/* Whether `read_out` is meant for this processor: with wider registers than AVX2's, products of a library are faster. */
int multiplies(void)
{
#if defined(__x86_64__)
    return usable() && !__builtin_cpu_supports("avx512f");
#else
    return 0;
#endif
}

/* What becomes of a row of currents: read noise, gain, ADC, digital weight. */
struct conversion {
    float weight, lowest, highest;
};

INLINED int32_t convert(float *restrict out, const float *restrict mean, const float *restrict variance,
                        const float *restrict noise, const float *restrict gain, struct conversion to, int64_t count)
{
    int32_t clipped = 0;
    for (int64_t i = 0; i < count; i++) {
        float steps = mean[i];
        if (variance)
            steps = fmaf(sqrtf(variance[i] < 0 ? 0 : variance[i]), noise[i], steps);
        if (gain)
            steps *= gain[i];
        steps = rintf(steps);
        clipped += (steps < to.lowest) | (steps > to.highest);
        steps = steps < to.lowest ? to.lowest : steps;
        steps = steps > to.highest ? to.highest : steps;
        if (gain)
            steps /= gain[i];
        out[i] = fmaf(to.weight, steps, out[i]);
    }
    return clipped;
}

/* `convert` compiled for each of the four cases; returns how many conversions clip. */
INLINED int32_t convert_row(float *out, const float *mean, const float *variance, const float *noise, const float *gain,
                            struct conversion to, int64_t count)
{
    if (variance && gain)
        return convert(out, mean, variance, noise, gain, to, count);
    if (variance)
        return convert(out, mean, variance, noise, 0, to, count);
    if (gain)
        return convert(out, mean, 0, 0, gain, to, count);
    return convert(out, mean, 0, 0, 0, to, count);
}

/* Add to `out` the digital sum over planes of what the ADCs make of currents; returns how many conversions clip.
 *
 * Currents are in ADC steps; P planes, S sequences, N vectors of each, O columns, float32:
 * out [S, N, O], each row contiguous, with strides in numbers of values between sequences and between vectors;
 * mean and variance [P, S, N, O], the variance null without noise; noise [P, noise_sequences, N, O], where
 * noise_sequences is S, or 1 if all sequences get the same; gain [P, O], null for 1; weights [P].
 */
WIDE int64_t accumulate(float *out, int64_t sequence_stride, int64_t vector_stride, const float *mean,
                        const float *variance, const float *noise, int64_t noise_sequences, const float *gain,
                        const float *weights, float lowest, float highest, int64_t planes, int64_t sequences,
                        int64_t vectors, int64_t columns)
{
    int64_t clipped = 0;
    for (int64_t p = 0; p < planes; p++)
        for (int64_t s = 0; s < sequences; s++)
            for (int64_t n = 0; n < vectors; n++) {
                int64_t at = ((p * sequences + s) * vectors + n) * columns;
                int64_t of_noise = noise_sequences == 1 ? (p * vectors + n) * columns : at;
                clipped += convert_row(out + s * sequence_stride + n * vector_stride, mean + at,
                                       variance ? variance + at : 0, noise + of_noise, gain ? gain + p * columns : 0,
                                       (struct conversion){weights[p], lowest, highest}, columns);
            }
    return clipped;
}

enum {
    LANES = 8,
    PANEL = 2 * LANES,
    ROWS = 6,   /* times two sums, and what they are made of, fill the registers of AVX2 */
    CHUNK = 96, /* so many rows of inputs stay in a cache while panels pass */
};
typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINED lanes add_product(lanes sum, float x, lanes cells)
{
#pragma GCC unroll 8
    for (int j = 0; j < LANES; j++)
        sum[j] = fmaf(x, cells[j], sum[j]);
    return sum;
}

/* The product of ROWS rows of inputs, `stride` apart, and a panel of cells [inputs, PANEL], into currents [ROWS, PANEL],
 * or, with a `sign` of 1 or -1, that often added to them. Each product is one chain of sums in the order of the inputs.
 * Inlined, GCC would keep some of the sums in memory. */
static WIDE __attribute__((noinline)) void multiply(float *currents, float sign, const float *x, int64_t stride,
                                                    const float *panel, int64_t inputs)
{
    lanes sums[ROWS][2] = {0};
    for (int64_t k = 0; k < inputs; k++) {
        lanes left = *(const lanes *)(panel + k * PANEL), right = *(const lanes *)(panel + k * PANEL + LANES);
#pragma GCC unroll 6
        for (int row = 0; row < ROWS; row++) {
            sums[row][0] = add_product(sums[row][0], x[row * stride + k], left);
            sums[row][1] = add_product(sums[row][1], x[row * stride + k], right);
        }
    }
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++)
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
            lanes *into = (lanes *)(currents + row * PANEL + half * LANES);
            if (sign == 0)
                *into = sums[row][half];
            else
                *into += sign * sums[row][half];
        }
}

/* `accumulate` of the products of a tile row, which are never written down; returns how many conversions clip.
 *
 * As there, and I inputs; T terms that a current is the sum of; R = S * N, at least ROWS:
 * drives [T, R, I], each row contiguous; cells [P, C, T, I, PANEL], panels of PANEL columns each, the last filled up with
 * zeros. The variance is offset [R] minus the sum of slopes times totals, which are like drives and cells; without noise
 * these are null. Strides in numbers of values.
 */
WIDE int64_t read_out(float *out, int64_t sequence_stride, int64_t vector_stride, const float *drives,
                      const float *slopes, int64_t term_stride, int64_t row_stride, const float *cells,
                      const float *totals, const float *offset, const float *noise, int64_t noise_sequences,
                      const float *gain, const float *weights, float lowest, float highest, int64_t terms,
                      int64_t inputs, int64_t planes, int64_t sequences, int64_t vectors, int64_t columns)
{
    int64_t rows = sequences * vectors, panel = terms * inputs * PANEL, panels = (columns + PANEL - 1) / PANEL;
    int64_t clipped = 0;
    for (int64_t start = 0; start < rows; start += CHUNK)
        for (int64_t at = 0; at < planes * panels; at++) {
            int64_t p = at % planes, column = at / planes * PANEL, end = start + CHUNK < rows ? start + CHUNK : rows;
            int64_t next = ((at + 1) % planes * panels + (at + 1) / planes) * panel;
            int64_t width = columns - column < PANEL ? columns - column : PANEL;
            const float *of_mean = cells + (p * panels + at / planes) * panel, *of_variance = totals + (of_mean - cells);
            const float *factors = gain ? gain + p * columns + column : 0;
            struct conversion to = {weights[p], lowest, highest};
            for (int64_t row = start, s = start / vectors, n = start % vectors; row < end; row += ROWS) {
                float mean[ROWS * PANEL], variance[ROWS * PANEL];
                int64_t last = row + ROWS < end ? row + ROWS : end, first = last - ROWS, x = first * row_stride;
                for (int64_t i = (row - start) * panel / CHUNK; i < (last - start) * panel / CHUNK; i += PANEL) {
                    __builtin_prefetch(cells + next + i);
                    if (slopes)
                        __builtin_prefetch(totals + next + i);
                }
                multiply(mean, 0, drives + x, row_stride, of_mean, inputs);
                for (int i = 0; slopes && i < ROWS; i++)
                    for (int j = 0; j < PANEL; j++)
                        variance[i * PANEL + j] = offset[first + i];
                if (slopes)
                    multiply(variance, -1, slopes + x, row_stride, of_variance, inputs);
                for (int64_t term = 1; term < terms; term++) {
                    int64_t y = x + term * term_stride, more = term * inputs * PANEL;
                    multiply(mean, 1, drives + y, row_stride, of_mean + more, inputs);
                    if (slopes)
                        multiply(variance, -1, slopes + y, row_stride, of_variance + more, inputs);
                }
                for (int64_t i = row - first; i < ROWS; i++) { /* those before are of the block before */
                    int64_t of_noise = (p * noise_sequences + (noise_sequences == 1 ? 0 : s)) * vectors + n;
                    float *into = out + s * sequence_stride + n * vector_stride + column;
                    const float *drawn = slopes ? noise + of_noise * columns + column : 0;
                    const float *varies = slopes ? variance + i * PANEL : 0;
                    clipped += width == PANEL
                                   ? convert_row(into, mean + i * PANEL, varies, drawn, factors, to, PANEL)
                                   : convert_row(into, mean + i * PANEL, varies, drawn, factors, to, width);
                    n = n + 1 < vectors ? n + 1 : 0;
                    s += n == 0;
                }
            }
        }
    return clipped;
}

/* Levels of the DAC at inputs, the lowest being 0: rounded half to even, clipped at both ends, with `steps` at full scale.
 * Returns how many inputs clip. */
WIDE int64_t dac_levels(int32_t *levels, const float *x, float full_scale, float steps, float lowest, float highest,
                        int64_t count)
{
    int32_t clipped = 0;
    for (int64_t i = 0; i < count; i++) {
        float level = rintf(x[i] / full_scale * steps);
        clipped += (level < lowest) | (level > highest);
        level = level < lowest ? lowest : level;
        level = level > highest ? highest : level;
        levels[i] = (int32_t)(level - lowest);
    }
    return clipped;
}

/* The head of NumPy's bitgen_t (numpy/random/bitgen.h): what a PyCapsule named BitGenerator points to. */
struct generator {
    void *state;
    uint64_t (*next_uint64)(void *state);
    uint32_t (*next_uint32)(void *state);
    double (*next_double)(void *state);
    uint64_t (*next_raw)(void *state);
};

/* `count` values of the table [65536], four per word of the generator; the rest of the last word is lost. */
void draw(const struct generator *generator, const float *table, float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i += 4) {
        uint64_t word = generator->next_raw(generator->state);
        uint16_t bits[4];
        memcpy(bits, &word, sizeof word);
        if (count - i >= 4)
            for (int j = 0; j < 4; j++)
                values[i + j] = table[bits[j]];
        else
            for (int64_t j = 0; j < count - i; j++)
                values[i + j] = table[bits[j]];
    }
}
