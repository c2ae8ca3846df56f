import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchmarkNames } from './benchmarks.mjs'

function bench(...words: readonly string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'run.mjs'), ...words], { encoding: 'utf8' })
}

describe('npm run bench', () => {
  it('finds the benchmarks by the names of their files', () => {
    expect(benchmarkNames()).toContain('swarm')
  })

  it.each([
    [['nosuch'], 'bench: there is no benchmark "nosuch"; there are: '],
    [['--nosuch'], "bench: Unknown option '--nosuch'"],
  ])('answers %j with one line and exit code 2', (words, line) => {
    const { status, stdout, stderr } = bench(...words)
    expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 })
    expect(stderr).toContain(line)
  })
})
