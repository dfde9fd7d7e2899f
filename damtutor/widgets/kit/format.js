// Numbers as a reader sees them.

/**
 * A number with so many decimals, and a real minus sign.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export const decimal = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

/**
 * So many of a thing, in words.
 * @param {number} n
 * @param {string} word - for one
 * @returns {string}
 */
export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
