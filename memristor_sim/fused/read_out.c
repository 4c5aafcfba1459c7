/* The steps of a read-out around its matrix products, one pass each.
 *
 * They give the values of the torch operations in crossbar.py and noise_draws.py, bit by bit: torch adds a product with
 * one rounding, and so does fmaf here; nothing else may be contracted or reordered (build.py sets the flags).
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

INLINED int32_t convert(float *restrict out, const float *restrict mean, const float *restrict variance,
                        const float *restrict noise, const float *restrict gain, float weight, float lowest,
                        float highest, int64_t count)
{
    int32_t clipped = 0;
    for (int64_t i = 0; i < count; i++) {
        float steps = mean[i];
        if (variance)
            steps = fmaf(sqrtf(variance[i] < 0 ? 0 : variance[i]), noise[i], steps);
        if (gain)
            steps *= gain[i];
        steps = rintf(steps);
        clipped += (steps < lowest) | (steps > highest);
        steps = steps < lowest ? lowest : steps;
        steps = steps > highest ? highest : steps;
        if (gain)
            steps /= gain[i];
        out[i] = fmaf(weight, steps, out[i]);
    }
    return clipped;
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
                float *into = out + s * sequence_stride + n * vector_stride;
                int64_t at = ((p * sequences + s) * vectors + n) * columns;
                int64_t of_noise = noise_sequences == 1 ? (p * vectors + n) * columns : at;
                if (variance && gain)
                    clipped += convert(into, mean + at, variance + at, noise + of_noise, gain + p * columns,
                                       weights[p], lowest, highest, columns);
                else if (variance)
                    clipped += convert(into, mean + at, variance + at, noise + of_noise, 0,
                                       weights[p], lowest, highest, columns);
                else if (gain)
                    clipped += convert(into, mean + at, 0, 0, gain + p * columns,
                                       weights[p], lowest, highest, columns);
                else
                    clipped += convert(into, mean + at, 0, 0, 0, weights[p], lowest, highest, columns);
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
