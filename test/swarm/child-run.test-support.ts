import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Bundles the sources into one program in a folder, so that a child process runs what the test runs. */
export async function buildSmallRunProgram(folder: string): Promise<string> {
  const program = join(folder, 'small-run.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./small-run-program.test-support.ts', import.meta.url))],
    outfile: program,
    bundle: true,
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

export type ChildRun = {
  readonly lines: readonly string[]
  readonly code: number | null
  readonly signal: string | null
}

/** Runs the program to its end, or kills it without warning once it has said so many lines. */
export async function runChild(
  program: string,
  file: string,
  killAfterLines = Number.POSITIVE_INFINITY,
): Promise<ChildRun> {
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === killAfterLines) child.kill('SIGKILL')
  }
  const [code, signal] = (await closed) as [number | null, string | null]
  return { lines, code, signal }
}
