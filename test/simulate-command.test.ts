import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const subject = join(root, 'test', 'careless-subject.mjs')

function simulate(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'scripts', 'simulate.mjs'), ...words], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('npm run simulate', () => {
  it('says what it found in one object, and exits with 0 when all held', () => {
    const { status, stdout } = simulate('--seeds', '3', '--from', '11', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({ seeds: 3, violations: 0, failures: [] })
  })

  it('exits with 1 for an invariant that does not hold, and names seed, invariant and trace', () => {
    const { status, stdout } = simulate('--seeds', '12', '--subject', subject, '--json')
    expect(status).toBe(1)
    const report = JSON.parse(stdout) as {
      seeds: number
      violations: number
      failures: { seed: number; invariant: string; trace: string[] }[]
    }
    expect(report.seeds).toBe(12)
    expect(report.violations).toBe(report.failures.length)
    expect(report.failures[0]).toMatchObject({ invariant: 'I17' })
    expect(report.failures[0]?.trace.at(-1)).toContain('I17 does not hold')
    const { seed } = report.failures[0] ?? { seed: 0 }
    const again = simulate('--seeds', '1', '--from', String(seed), '--subject', subject)
    expect(again.status).toBe(1)
    expect(again.stdout).toContain(`npm run simulate -- --seeds 1 --from ${seed} --subject ${subject}`)
    for (const line of report.failures[0]?.trace ?? []) expect(again.stdout).toContain(line)
  })

  it('tells in how many seeds each act and each fault happened', () => {
    const { status, stdout } = simulate('--seeds', '3', '--from', '11', '--coverage', '--json')
    expect(status).toBe(0)
    const { coverage } = JSON.parse(stdout) as { coverage: Record<string, { where: string; seeds: number }> }
    expect(Object.keys(coverage).length).toBeGreaterThan(100)
    expect(coverage['place: late']?.where).toBe('request, effective after the client gave up')
    expect(Object.values(coverage).some(({ seeds }) => seeds > 0)).toBe(true)
    expect(Object.values(coverage).every(({ seeds }) => seeds <= 3)).toBe(true)
  })

  it.each([
    ['--seeds', 'many'],
    ['--seeds', '0'],
    ['--from', '-1'],
    ['--sedes', '10'],
  ])('exits with 2 for %s %s', (...words) => {
    const { status, stdout, stderr } = simulate(...words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('usage: npm run simulate')
  })
})
