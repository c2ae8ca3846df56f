import { spawn } from 'node:child_process'
import { join } from 'node:path'

/**
 * Runs a program of this folder in a process of its own, with `flags` for Node, and resolves to what it prints, one JSON
 * object: time and memory are then that run's alone.
 * @param {{ program: string, parameters: unknown, flags?: string[] }} options
 */
export function measure({ program, parameters, flags = [] }) {
  return new Promise((resolve, reject) => {
    const words = [...flags, join(import.meta.dirname, program), JSON.stringify(parameters)]
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output))
      else reject(new Error(`${program} ended with ${code ?? signal}`))
    })
  })
}

/** What a program that {@link measure} runs prints at its end; time counts from the start of its process. */
export function report(figures) {
  const { maxRSS } = process.resourceUsage()
  const seconds = performance.now() / 1000
  process.stdout.write(JSON.stringify({ ...figures, seconds, peakMegabytes: (maxRSS * 1024) / 1e6 }))
}

/** Measures each case `times` times, every second round in the opposite order, so that drift of the machine is fair. */
export async function inTurns(cases, times, say) {
  const results = new Map(cases.map(({ name }) => [name, []]))
  for (let round = 1; round <= times; round += 1) {
    for (const { name, ...run } of round % 2 === 1 ? cases : cases.toReversed()) {
      const result = await measure(run)
      say(`round ${round} of ${times}: ${name}: ${result.seconds.toFixed(1)} s, ${result.peakMegabytes.toFixed(0)} MB`)
      results.get(name).push(result)
    }
  }
  return results
}
