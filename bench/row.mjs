/**
 * A figure that may be at most `bound`. Its ratio is `bound / value`, so that it passes from 1 on.
 */
export function atMost({ name, value, unit, bound }) {
  const ratio = value === 0 ? Number.MAX_VALUE : bound / value
  return judged({ name: `${name} (at most ${bound} ${unit})`, value, unit, ratio, atLeast: 1 })
}

/**
 * A figure that must be at least `bound`. Its ratio is `value / bound`, so that it passes from 1 on.
 */
export function atLeast({ name, value, unit, bound }) {
  return judged({ name: `${name} (at least ${bound} ${unit})`, value, unit, ratio: value / bound, atLeast: 1 })
}

/**
 * A figure beside a peer's. The ratio tells how many times better we are than the peer: above 1 better, below 1 worse.
 * `better` says whether the `lower` or the `higher` figure is the better one; without `atLeast` nothing is asked of it.
 * @param {{ name: string, value: number, unit: string, peer: string, peerValue: number, better: string, atLeast?: number | null }} figures
 */
export function besidePeer({ name, value, unit, peer, peerValue, better, atLeast: least = null }) {
  const ratio = better === 'lower' ? peerValue / value : value / peerValue
  return judged({ name, value, unit, peer, peerValue, ratio, atLeast: least })
}

/** A figure by itself, with nothing asked of it. */
export function figure({ name, value, unit }) {
  return judged({ name, value, unit, ratio: null, atLeast: null })
}

/** The middle value; of an even number the mean of the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function judged({ name, value, unit, peer = null, peerValue = null, ratio, atLeast: least }) {
  const pass = least === null || (ratio !== null && ratio >= least)
  return {
    name,
    value: shortened(value),
    unit,
    peer,
    peerValue: shortened(peerValue),
    ratio: shortened(ratio),
    atLeast: least,
    pass,
  }
}

/** Four significant digits: more would only be noise. The verdict is given on the full number. */
function shortened(value) {
  return value === null ? null : Number(value.toPrecision(4))
}
