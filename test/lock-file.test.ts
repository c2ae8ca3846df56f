import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { completeLock, platformOf } from '../scripts/complete-lock.mjs'

const entrySchema = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  optional: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
})
const lockSchema = z.looseObject({ packages: z.record(z.string(), entrySchema) })

const lock = lockSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')))

describe('package-lock.json', () => {
  it('holds no download address, so that it serves behind any registry', () => {
    const addressed = Object.entries(lock.packages).filter(([, entry]) => /^[a-z+]+:/.test(entry.resolved ?? ''))
    expect(addressed.map(([path]) => path)).toEqual([])
  })

  it('has an entry for every optional package of every platform', () => {
    expect(completeLock(lock).added, 'run "node scripts/complete-lock.mjs"').toEqual([])
  })
})

describe('complete-lock', () => {
  const incomplete = {
    lockfileVersion: 3,
    packages: {
      '': { name: 'sample' },
      'node_modules/tool': {
        version: '2.0.0',
        dev: true,
        optionalDependencies: { 'tool-linux-x64-gnu': '2.0.0', 'tool-darwin-arm64': '2.0.0', fsevents: '~2.3.2' },
      },
      'node_modules/tool/node_modules/tool-linux-x64-gnu': { version: '2.0.0', optional: true },
      'node_modules/other': { version: '1.0.0', optionalDependencies: { fsevents: '~2.3.3' } },
    },
  }

  it('adds what is missing, once, at a version that every parent accepts', () => {
    const { lock: completed, added } = completeLock(incomplete)
    expect(added).toEqual(['tool-darwin-arm64', 'fsevents'])
    expect(completed.packages).toMatchObject({
      'node_modules/fsevents': { version: '2.3.3', optional: true, os: ['darwin'] },
      'node_modules/tool-darwin-arm64': { version: '2.0.0', optional: true, dev: true, os: ['darwin'], cpu: ['arm64'] },
    })
    expect(completeLock(completed).added).toEqual([])
  })

  it('reads the platform off the name', () => {
    expect(platformOf('@a/binding-linux-arm64-musl')).toEqual({ os: ['linux'], cpu: ['arm64'], libc: ['musl'] })
    expect(platformOf('@a/binding-linux-x64-gnu')).toEqual({ os: ['linux'], cpu: ['x64'], libc: ['glibc'] })
    expect(platformOf('@a/win32-ia32-msvc')).toEqual({ os: ['win32'], cpu: ['ia32'] })
    expect(() => platformOf('left-pad')).toThrow('tells no platform')
  })
})
