import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const subject = join(root, 'test', 'careless-subject.mjs')

function simulate(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'scripts', 'simulate.mjs'), ...words], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-subject-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A kernel that never asks its journal: over any venue it soon sends what is not durable. */
const failing = join(folder, 'failing.mjs')
writeFileSync(
  failing,
  `import { createTradingKernel } from '${pathToFileURL(join(root, 'packages', 'trading', 'dist', 'index.js')).href}'
  export const subject = {
    createKernel: (options) =>
      createTradingKernel({ ...options, journal: { append: (entry) => options.journal.append(entry), durable: async () => undefined } }),
  }`,
)

let files = 0
function subjectFile(code: string): string {
  files += 1
  const file = join(folder, `subject-${files}.mjs`)
  writeFileSync(file, code)
  return file
}

describe('npm run simulate', () => {
  it('says what it found in one object, and exits with 0 when all held', () => {
    const { status, stdout } = simulate('--seeds', '3', '--from', '11', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ seeds: 3, violations: 0, failures: [] })
  })

  it('says nothing else on stdout with --json, whatever a subject says', () => {
    const file = subjectFile(`console.log('loaded')
    export const subject = { agents: () => [{ name: 'chatty', decide() { console.log('no idea'); return [] } }] }`)
    const { status, stdout, stderr } = simulate('--seeds', '1', '--from', '11', '--subject', file, '--json')
    expect({ status, stdout }).toEqual({ status: 0, stdout: '{"seeds":1,"violations":0,"failures":[]}\n' })
    expect(stderr).toContain('loaded')
    expect(stderr).toContain('no idea')
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

  it.each(['alpaca', 'okx'])('plays over the adapter and the fake of a broker: %s', (broker) => {
    const { status, stdout } = simulate('--seeds', '2', '--from', '11', '--broker', broker, '--coverage', '--json')
    expect(status).toBe(0)
    const { violations, coverage } = JSON.parse(stdout) as {
      violations: number
      coverage: Record<string, { seeds: number }>
    }
    expect(violations).toBe(0)
    expect(coverage['enter']?.seeds).toBe(2)
  })

  it('names the broker in how a seed is replayed', () => {
    const { status, stdout } = simulate('--seeds', '12', '--broker', 'alpaca', '--subject', failing)
    expect(status).toBe(1)
    expect(stdout).toMatch(/npm run simulate -- --seeds 1 --from \d+ --broker alpaca --subject /)
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

  it('tells of an agent that throws as a failure of the subject, with seed and message', () => {
    const file = subjectFile(`export const subject = {
      agents: () => [{ name: 'broken', decide() { throw new Error('no idea') } }],
    }`)
    const { status, stdout } = simulate('--seeds', '1', '--from', '11', '--subject', file)
    expect(status).toBe(1)
    expect(stdout).toContain('seed 11 ends in a failure of the subject: agent broken threw: no idea')
    expect(stdout).toContain('1 violations')
    expect(stdout).not.toContain('no invariant was broken')
  })

  describe('a subject that does not give back what it was given', () => {
    /** A subject whose agent does something at the first price of all, in whichever process. */
    const once = (code: string): string => {
      const marker = join(folder, `marker-${files}`)
      return subjectFile(`import { existsSync, writeFileSync } from 'node:fs'
      const decide = () => {
        if (existsSync('${marker}')) return []
        writeFileSync('${marker}', '')
        ${code}
        return []
      }
      export const subject = { agents: () => [{ name: 'odd', decide }] }`)
    }

    it.each([
      ['an endless loop', 'for (;;);', /^its code did not give the thread back for 1500 ms of real time: /],
      [
        'promises without an end',
        'const next = () => Promise.resolve().then(next); next()',
        /^its code did not give the thread/,
      ],
      ['the end of its process', 'process.exit(0)', /^its code ended the process/],
      [
        'an error that nobody catches',
        'setImmediate(() => { throw new Error("late") })',
        /^its code threw where nobody catches it: late$/,
      ],
    ])('fails its seed, and the next ones are played: %s', (_, code, told) => {
      const words = ['--seeds', '3', '--from', '11', '--patience-ms', '1500', '--subject', once(code), '--json']
      const { status, stdout } = simulate(...words)
      expect(status).toBe(1)
      expect(JSON.parse(stdout)).toEqual({
        seeds: 3,
        violations: 1,
        failures: [{ seed: 11, invariant: 'subject', message: expect.stringMatching(told), trace: [] }],
      })
    })

    it('fails each seed with what was waited for where a promise never settles', () => {
      const file = subjectFile(`const never = () => new Promise(() => undefined)
      export const subject = { venue: { name: 'silent', terms: never, open: never } }`)
      const words = ['--seeds', '3', '--from', '11', '--patience-ms', '200', '--subject', file]
      const { status, stdout } = simulate(...words, '--json')
      expect(status).toBe(1)
      const { seeds, failures } = JSON.parse(stdout) as { seeds: number; failures: { message: string }[] }
      expect(seeds).toBe(3)
      expect(failures).toMatchObject([11, 12, 13].map((seed) => ({ seed, invariant: 'subject' })))
      expect(failures[0]?.message).toContain('terms() of the venue')
      expect(failures[0]?.message).toContain('has not settled within 200 ms of real time')
      expect(simulate(...words).stdout).toContain('seed 11 ends in a failure of the subject: terms() of the venue')
    })

    it.each([
      [
        'await new Promise(() => undefined)',
        'it is not loaded after 500 ms of real time: what does it await at its top level?',
      ],
      ['for (;;);', 'its code did not give the thread back for 500 ms of real time'],
      [
        'export const subject = { agents() { for (;;); } }',
        'its code did not give the thread back for 500 ms of real time',
      ],
      ['process.exit(0)', 'its code ended the process'],
    ])('exits with 2 and one line where it is not even there: %s', (code, message) => {
      const words = ['--seeds', '1', '--patience-ms', '500', '--subject', subjectFile(code)]
      const { status, stdout, stderr } = simulate(...words)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toContain(message)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    })
  })

  it('says that nothing was permitted of what the agents of the subject asked for', () => {
    const file = subjectFile(`export const subject = {
      agents: () => [{ name: 'odd-1', decide: ({ intent }) => [intent({ symbol: 'NONE', side: 'buy', quantity: '1' })] }],
    }`)
    const words = ['--seeds', '2', '--from', '11', '--subject', file]
    expect(simulate(...words).stdout).toContain(
      "no invariant was broken; no order of the subject's agents was permitted (denied: INSTRUMENT_NOT_FOUND)",
    )
    expect(JSON.parse(simulate(...words, '--json').stdout)).toEqual({
      seeds: 2,
      violations: 0,
      failures: [],
      nothingPermitted: true,
      deniedWith: ['INSTRUMENT_NOT_FOUND'],
    })
  })

  it.each([
    ['export const subjct = {}', 'its exports: there is no option subjct; did you mean subject?'],
    ['export const other = 1', 'its exports: there is no option other; there are: subject'],
    ['', 'it does not export "subject"'],
    ['export const subject = 5', 'subject: its options are 5'],
    ['export const subject = { agent: () => [] }', 'subject: there is no option agent; did you mean agents?'],
    ['export const subject = { agents: [] }', 'subject: agents is a list; it must be a function'],
    ['export const subject = { agents: () => [{ name: "a", decid() {} }] }', 'subject: agents must return agents with'],
    ['export const subject = { agents() { throw new Error("no") } }', 'subject: agents threw: no'],
    ['import "./nowhere.mjs"', 'Cannot find module'],
    ['export const subject = {', 'Unexpected end of input'],
  ])('exits with 2 and one line for a subject that is none: %s', (code, message) => {
    const { status, stdout, stderr } = simulate('--seeds', '1', '--subject', subjectFile(code))
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it.each([
    [
      'venue: { terms: () => ({}), open: () => ({}) }',
      'subject: venue is another than that of --broker; leave it out, or',
    ],
    ['adapter: () => ({})', "subject: adapter is for the simulator's own venue; leave it out, or"],
  ])('exits with 2 for a subject whose part --broker would take the place of: %s', (part, message) => {
    const file = subjectFile(`export const subject = { ${part} }`)
    const { status, stdout, stderr } = simulate('--seeds', '1', '--broker', 'okx', '--subject', file)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('exits with 2 and one line for a subject that is not there', () => {
    const { status, stderr } = simulate('--seeds', '1', '--subject', 'nowhere.mjs')
    expect(status).toBe(2)
    expect(stderr).toMatch(/^simulate: --subject nowhere\.mjs: Cannot find module .*\n$/)
  })

  it('says which option a misspelt one may have been', () => {
    const { status, stderr } = simulate('--sees', '3')
    expect(status).toBe(2)
    expect(stderr).toContain('simulate: there is no option --sees; did you mean --seeds?')
    expect(simulate('--colour').stderr).toContain('simulate: there is no option --colour; there are: --seeds, --from')
  })

  it('tells how it is used', () => {
    const { status, stdout, stderr } = simulate('--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('usage: npm run simulate')
  })

  it.each([
    ['--seeds', 'many'],
    ['--seeds', '0'],
    ['--from', '-1'],
    ['--sedes', '10'],
    ['--broker', 'elsewhere'],
    ['--patience-ms', '0'],
  ])('exits with 2 for %s %s', (...words) => {
    const { status, stdout, stderr } = simulate(...words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('usage: npm run simulate')
  })
})
