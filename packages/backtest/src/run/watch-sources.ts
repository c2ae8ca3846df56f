import type { SignalSource } from '@tradeswarm/signals'

/** Sources as they were given, and in words those of them whose poll has not ended. */
export type WatchedSources = { readonly sources: readonly SignalSource[]; awaited(): readonly string[] }

/** Notes which source is being asked. What they answer is handed on untouched, at the same moment. */
export function watchSources(given: readonly SignalSource[]): WatchedSources {
  const asked = new Map<object, string>()
  const watched = (source: SignalSource): SignalSource => {
    const { nextDue } = source
    return {
      name: source.name,
      weight: source.weight,
      synthetic: source.synthetic,
      everyMs: source.everyMs,
      ...(source.quota === undefined ? {} : { quota: source.quota }),
      ...(nextDue === undefined ? {} : { nextDue: (now) => nextDue.call(source, now) }),
      poll(request) {
        const polling = source.poll(request)
        if (!(polling instanceof Promise)) return polling
        const since = new Date(request.now).toISOString()
        asked.set(polling, `the poll of the source ${source.name} that began at ${since}`)
        const ended = (): void => void asked.delete(polling)
        polling.then(ended, ended)
        return polling
      },
    }
  }
  return { sources: given.map(watched), awaited: () => [...asked.values()] }
}
