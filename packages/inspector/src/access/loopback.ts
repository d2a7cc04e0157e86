import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What proxies add: the client of a proxy on this machine need not be on it. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Whether a client is on this machine: by its address, by a `Host` that other sites cannot have pointed here (DNS
 * rebinding), and with no proxy in between.
 */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false;
  const { remoteAddress } = (socket ?? {}) as { remoteAddress?: string };
  return isLoopback(remoteAddress ?? '') && isLocalHost(hostOf(headers));
}

function hostOf(headers: IncomingMessage['headers']): string {
  const { host, ':authority': authority } = headers;
  return host ?? (typeof authority === 'string' ? authority : '');
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}

function isLoopback(address: string): boolean {
  // BlockList checks an IPv4 address inside an IPv6 one against the rules of IPv4.
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
