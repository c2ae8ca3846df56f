/** The moving mean of the posts' score about one symbol, and of how many sessions. */
export type PostBaseline = { readonly mean: number; readonly count: number }

export const noBaseline: PostBaseline = { mean: 0, count: 0 }

/** The plain mean of the first `sessions` scores, then an exponential one with the weight 2 / (sessions + 1). */
export function nextBaseline({ mean, count }: PostBaseline, score: number, sessions: number): PostBaseline {
  const weight = count < sessions ? 1 / (count + 1) : 2 / (sessions + 1)
  return { mean: mean + weight * (score - mean), count: count + 1 }
}
