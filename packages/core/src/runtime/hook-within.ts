import type { InstanceScope } from './instance-scope.js'

/** Waits for a hook of an agent. One that hangs counts as one that failed; in virtual time nothing hangs. */
export function hookWithin(
  { deadlines, handlerTimeoutMs }: Pick<InstanceScope, 'deadlines' | 'handlerTimeoutMs'>,
  hook: string,
  running: unknown,
): Promise<unknown> {
  if (deadlines === undefined || !(running instanceof Promise)) return Promise.resolve(running)
  return new Promise((resolve, reject) => {
    const deadline = deadlines.set(handlerTimeoutMs, () =>
      reject(new Error(`its ${hook} did not end within ${handlerTimeoutMs} ms`)),
    )
    running.then(resolve, reject).finally(() => deadline.clear())
  })
}
