import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { platformFetch } from './platform-fetch.js'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A server that answers as it is told; the URL of it, and what it was asked. */
async function serve(answer: (response: ServerResponse, body: string) => void) {
  const asked: { method: string | undefined; headers: unknown; body: string }[] = []
  const started = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      asked.push({ method: request.method, headers: request.headers, body })
      answer(response, body)
    })
  })
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  let connections = 0
  started.on('connection', () => (connections += 1))
  const { port } = started.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, asked, connections: () => connections }
}

describe('asking over HTTP on Node', () => {
  it('sends method, headers and body, and answers status, headers and text, on one connection', async () => {
    const { url, asked, connections } = await serve((response, body) => {
      response.writeHead(422, { 'Retry-After': '3', 'Content-Type': 'application/json' })
      response.end(`{"heard":${body}}`)
    })
    const ask = platformFetch()
    for (let count = 0; count < 3; count += 1) {
      const answer = await ask(url, { method: 'POST', headers: { 'X-Key': 'k' }, body: '{"q":"€"}' })
      expect(answer.status).toBe(422)
      expect(answer.headers.get('retry-after')).toBe('3')
      expect(await answer.text()).toBe('{"heard":{"q":"€"}}')
    }
    expect(asked[0]).toMatchObject({ method: 'POST', headers: { 'x-key': 'k' }, body: '{"q":"€"}' })
    expect(connections()).toBe(1)
  })

  it('follows no redirect, and takes an answer without a body', async () => {
    const { url, asked } = await serve((response) => response.writeHead(302, { Location: '/elsewhere' }).end())
    const answer = await platformFetch()(url, {})
    expect([answer.status, await answer.text()]).toEqual([302, ''])
    expect(asked).toHaveLength(1)
  })

  it('fails when the answer is cut short, when nobody is there, and when it is aborted', async () => {
    const ask = platformFetch()
    const cut = await serve((response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half', () => response.destroy())
    })
    await expect(ask(cut.url, {})).rejects.toThrow(/aborted/)
    await expect(ask('http://127.0.0.1:1/', {})).rejects.toThrow(/ECONNREFUSED/)
    const silent = await serve(() => undefined)
    const aborting = new AbortController()
    const asking = ask(silent.url, { signal: aborting.signal })
    aborting.abort()
    await expect(asking).rejects.toThrow(/abort/i)
  })

  it('leaves a connection that was idle for a while, and asks on a new one', async () => {
    const { url, connections } = await serve((response) => response.end('{}'))
    const left = Promise.withResolvers<void>()
    server?.on('connection', (socket) => socket.on('close', () => left.resolve()))
    const ask = platformFetch(20)
    await ask(url, {})
    await left.promise
    expect(await (await ask(url, {})).text()).toBe('{}')
    expect(connections()).toBe(2)
  })

  it('waits for a slow answer longer than for an idle connection', async () => {
    const slow = Promise.withResolvers<void>()
    const { url } = await serve((response) => void slow.promise.then(() => response.end('late')))
    const idle = await serve((response) => response.end('{}'))
    const ask = platformFetch(20)
    const asking = ask(url, {})
    const left = Promise.withResolvers<void>()
    server?.on('connection', (socket) => socket.on('close', () => left.resolve()))
    // Another connection has been idle for as long by then.
    await ask(idle.url, {})
    await left.promise
    slow.resolve()
    expect(await (await asking).text()).toBe('late')
  })

  it('fails where the answer is a switch of protocols, instead of waiting for ever', async () => {
    const { url } = await serve((response) => {
      response.writeHead(101, { Connection: 'Upgrade', Upgrade: 'websocket' })
      response.end()
    })
    await expect(platformFetch()(url, {})).rejects.toThrow(/without an answer/)
  })

  it('says what asks, its version and no more; a request may say it in its own words', async () => {
    const { url, asked } = await serve((response) => response.writeHead(204).end())
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      readonly version: string
    }
    const ask = platformFetch()
    await ask(url, {})
    await ask(url, { headers: { 'user-agent': 'mine/1' } })
    expect(asked).toMatchObject([
      { headers: { 'user-agent': `tradeswarm/${version}` } },
      { headers: { 'user-agent': 'mine/1' } },
    ])
  })

  it('sends header fields however they are named', async () => {
    const { url, asked } = await serve((response) => response.writeHead(204).end())
    const ask = platformFetch()
    const answers = [
      await ask(url, { headers: new Headers({ 'X-Key': 'k' }) }),
      await ask(url, { headers: [['X-Key', 'k']] }),
    ]
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([204, ''])
    for (const { headers } of asked) expect(headers).toMatchObject({ 'x-key': 'k' })
  })
})
