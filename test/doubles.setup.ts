import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

/** Where the doubles of venues are, and the keys that they take. */
export type Doubles = Readonly<Record<'alpaca' | 'okx', Readonly<Record<string, string>>>>

declare module 'vitest' {
  // It is how vitest is told of what is provided.
  interface ProvidedContext {
    readonly doubles: Doubles
  }
}

const running: ChildProcessWithoutNullStreams[] = []

/** Starts a double of each venue, as a program of its own: tests on workerd can start none, and reach them over the network. */
export async function setup(project: TestProject): Promise<void> {
  const [alpaca, okx] = [start('fake-alpaca.js', 'AAPL:187'), start('fake-okx.js', 'BTC-USDT:50000')]
  running.push(alpaca, okx)
  project.provide('doubles', { alpaca: await aboutOf(alpaca), okx: await aboutOf(okx) })
}

export function teardown(): void {
  for (const double of running.splice(0)) double.kill()
}

function start(program: string, symbols: string): ChildProcessWithoutNullStreams {
  const path = fileURLToPath(new URL(`../packages/testing/bin/${program}`, import.meta.url))
  return spawn(process.execPath, [path, '--symbols', symbols, '--every', '100'])
}

/** The line that a double says when it listens. */
async function aboutOf(double: ChildProcessWithoutNullStreams): Promise<Readonly<Record<string, string>>> {
  const { stdout, stderr } = double
  let said = ''
  stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  stdout.on('data', (chunk) => (said += String(chunk)))
  const ended = once(double, 'exit').then(() => {
    throw new Error('a double has ended before it said where it is: build the packages first')
  })
  // Awaited with what is said; it ends at the end as well.
  ended.catch(() => undefined)
  while (!said.includes('\n')) await Promise.race([once(stdout, 'data'), ended])
  return JSON.parse(said) as Readonly<Record<string, string>>
}
