import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Bundles a program from the sources into a folder, minified so that a child that is killed soon spends little on reading it. */
export async function buildProgram(source: URL, folder: string): Promise<string> {
  const program = join(folder, 'program.mjs')
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: program,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@tradeswarm/source'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
    },
    logLevel: 'silent',
  })
  return program
}

export type Child = {
  readonly process: ChildProcess
  /** What it says, line by line; ends when it is gone. */
  readonly lines: AsyncIterable<string>
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Starts a program on this Node; what it writes to standard error is seen in the test's. */
export function startProgram(program: string, words: readonly string[], nodeOptions: readonly string[] = []): Child {
  const child = spawn(process.execPath, [...nodeOptions, program, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // One that never ends fails its test, and must not outlive it.
    timeout: 55_000,
    killSignal: 'SIGKILL',
    // Beside the program, so that its second start need not compile it again.
    env: { ...process.env, NODE_COMPILE_CACHE: `${program}.cache` },
  })
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  return { process: child, lines: createInterface({ input: child.stdout }), ended }
}

/** Runs a program to its end and returns what it said. */
export async function runProgram(
  program: string,
  words: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<{ readonly lines: readonly string[]; readonly code: number | null; readonly signal: string | null }> {
  const child = startProgram(program, words, nodeOptions)
  const lines: string[] = []
  for await (const line of child.lines) lines.push(line)
  return { lines, ...(await child.ended) }
}
