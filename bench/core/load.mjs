import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `ask(number)` at a steady rate, whether or not the answers come, and `fault()` once at `faultAtMs`. Resolves when the
 * load is over and all is answered, or `graceMs` after it. A call counts as failed when it is rejected, or has no answer then.
 * How long it waited counts from when it was due. Throws on a wrong answer.
 * @param {{ ask: (number: number) => Promise<number>, fault: () => unknown, perSecond: number, loadMs: number,
 *   faultAtMs: number, graceMs: number }} options
 */
export async function underLoad({ ask, fault, perSecond, loadMs, faultAtMs, graceMs }) {
  const start = performance.now()
  const open = new Map()
  const waits = []
  const failures = new Map()
  let wrong = 0
  let sent = 0
  let faulting
  const fail = (reason) => failures.set(reason, (failures.get(reason) ?? 0) + 1)
  const send = (number, due) => {
    open.set(number, due)
    ask(number)
      .then(
        (answer) => {
          if (answer !== number) wrong += 1
        },
        (error) => fail(error.code === undefined ? error.name : String(error.code)),
      )
      .finally(() => {
        open.delete(number)
        waits.push(performance.now() - due)
      })
  }
  for (let elapsed = 0; elapsed < loadMs; elapsed = performance.now() - start) {
    if (faulting === undefined && elapsed >= faultAtMs) faulting = Promise.resolve(fault())
    for (; sent < (elapsed * perSecond) / 1000; sent += 1) send(sent, start + (sent * 1000) / perSecond)
    await sleep(1)
  }
  await faulting
  for (const end = performance.now() + graceMs; open.size > 0 && performance.now() < end; ) await sleep(5)
  const now = performance.now()
  for (const due of open.values()) {
    fail('unanswered')
    waits.push(now - due)
  }
  if (wrong > 0) throw new Error(`${wrong} of ${sent} answers were to other questions`)
  return {
    calls: sent,
    failed: [...failures.values()].reduce((sum, count) => sum + count, 0),
    failures: Object.fromEntries(failures),
    longestMs: Math.max(...waits),
  }
}
