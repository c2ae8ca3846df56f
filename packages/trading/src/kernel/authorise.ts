import { type Clock, equalInConstantTime, SwarmError, sha256Hex } from '@tradeswarm/core'
import type { KernelRuntime } from './kernel-runtime.js'

/** Who acts, and why. */
export type Authorisation = { readonly operator: string; readonly reason: string }

/** Who acts, and why, with the secret that such an act asks for where a hash of it is configured. */
export type SecretAuthorisation = Authorisation & { readonly secret?: string }

/** Throws `NOT_AUTHORIZED` unless a person is named, and is among the operators where these are listed. */
export function assertOperator(runtime: KernelRuntime, act: string, operator: unknown): void {
  if (typeof operator !== 'string' || operator.trim() === '')
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: `${act}: operator is empty; it is done by a person, by name`,
    })
  if (runtime.operators === undefined || runtime.operators.has(operator)) return
  throw new SwarmError({
    code: 'NOT_AUTHORIZED',
    message: `${act}: "${operator.slice(0, 100)}" is not among the operators of account ${runtime.state.account}`,
  })
}

/** Checks secrets against one hash, and counts the wrong ones. */
export type SecretGate = {
  /** Whether a hash is configured. */
  readonly isSet: boolean
  /** Throws `NOT_AUTHORIZED` for a missing secret, which is no attempt, or a wrong one, and `TOO_MANY_ATTEMPTS` without looking at it after five in a minute. */
  check(act: string, secret: unknown): void
}

/** So many wrong secrets within `attemptWindowMs` close the gate until the first of them is that old. */
const maximumWrongSecrets = 5
const attemptWindowMs = 60_000

/** A gate; `onWrong` is told of each wrong secret, never what it was. */
export function createSecretGate(options: {
  /** SHA-256 of the secret, in hex. */
  readonly hash: string | undefined
  readonly clock: Clock
  readonly onWrong: (message: string) => void
}): SecretGate {
  const { hash, clock, onWrong } = options
  const wrong: number[] = []
  return {
    isSet: hash !== undefined,
    check(act, secret) {
      // Nobody guesses by saying nothing.
      if (secret === undefined || secret === null || secret === '')
        throw new SwarmError({
          code: 'NOT_AUTHORIZED',
          message: `${act}: the secret is missing; give it as secret, beside operator and reason`,
        })
      const now = clock.now()
      while (wrong.length > 0 && now - (wrong[0] ?? 0) >= attemptWindowMs) wrong.shift()
      if (wrong.length >= maximumWrongSecrets) {
        throw new SwarmError({
          code: 'TOO_MANY_ATTEMPTS',
          message: `${act}: ${wrong.length} wrong secrets within ${attemptWindowMs / 1_000} s; wait until that is over`,
        })
      }
      if (
        hash !== undefined &&
        typeof secret === 'string' &&
        equalInConstantTime(sha256Hex(secret), hash.toLowerCase())
      )
        return
      wrong.push(now)
      onWrong(`${act}: wrong secret, number ${wrong.length} within ${attemptWindowMs / 1_000} s`)
      throw new SwarmError({ code: 'NOT_AUTHORIZED', message: `${act}: the secret is wrong` })
    },
  }
}
