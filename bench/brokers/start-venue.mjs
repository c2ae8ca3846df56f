import { fork } from 'node:child_process'
import { join } from 'node:path'

/** Starts the double of a venue in a process of its own, and resolves to where it is and how to tell it what to do. */
export async function startVenue(venue) {
  const child = fork(join(import.meta.dirname, 'fake-venue.mjs'), [JSON.stringify({ venue })])
  const said = () =>
    new Promise((resolve, reject) => {
      const fail = (code) => reject(new Error(`the double of ${venue} ended with ${code}`))
      child.once('exit', fail)
      child.once('message', (message) => {
        child.off('exit', fail)
        resolve(message)
      })
    })
  const address = await said()
  return {
    ...address,
    async tell(what) {
      child.send(what)
      await said()
    },
    stop: () => child.disconnect(),
  }
}
