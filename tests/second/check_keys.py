#!/usr/bin/env python3
"""What lies on disk under keys (protocol.md 3.1, 6.5), made from the text of
the specification and compared with tests/vectors/amanat-keys.json, which
test_own_keys.c opens.
	check_keys.py --write   prints the file
"""
import hashlib
import json
import os
import struct
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
from ristretto import T, hkdf
from xchacha import chacha, decrypt, hchacha, poly1305

V = {}


def fixed(name, size):
    """Test bytes: SHA-512("TEST " || name), cut."""
    V[name] = hashlib.sha512(b'TEST ' + name.encode()).digest()[:size]
    return V[name]


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def encrypt(key, nonce, ad, m):
    sub, n = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    body = chacha(sub, n, 1, m)
    pad = lambda b: b + bytes(-len(b) % 16)
    return body + poly1305(
        chacha(sub, n, 0, bytes(32)),
        pad(ad) + pad(body) + struct.pack('<QQ', len(ad), len(body)))


def at_rest():
    R, vault = fixed('R', 32), fixed('vault', 16)
    V['K_line'] = hkdf(R, vault, T('line'), 32)
    V['K_value'] = hkdf(R, vault, T('value'), 32)
    V['K_name'] = hkdf(R, vault, T('name'), 32)
    V['line'] = b'{"TEST":"a log line"}'
    nonce = fixed('line nonce', 24)
    ad = T('line') + vault + (258).to_bytes(8, 'big')
    V['line at leaf 258'] = nonce + encrypt(V['K_line'], nonce, ad, V['line'])
    key, nonce = fixed('db key', 16), fixed('value nonce', 24)
    V['value'] = b'TEST value'
    V['value under db key'] = nonce + encrypt(
        V['K_value'], nonce, T('value') + key, V['value'])


def bag(kind, name, slots, body):
    vault, given = V['vault'], fixed(name + ' input', 32)
    head = b'AMBG\1' + bytes([kind, 0, 0]) + vault + given
    kek, nonce = fixed(name + ' kek', 32), fixed(name + ' nonce', 24)
    out = head + bytes([len(slots)])
    for slot, cred in slots:
        h = sha256(cred)
        prf, n = fixed(slot + ' prf', 32), fixed(slot + ' nonce', 24)
        w = hkdf(prf, T('wrap'), vault + given + h, 32)
        V[slot + ' cred'] = cred
        out += len(cred).to_bytes(2, 'big') + cred + n
        out += encrypt(w, n, T('slot') + head + h, kek)
    okm = hkdf(kek, T('bag'), head, 64)
    ct = encrypt(okm[:32], nonce, T('bag') + head, body)
    V[name + ' body'] = body
    V[name] = out + okm[32:] + nonce + len(ct).to_bytes(4, 'big') + ct
    V[name + ' file name'] = sha256(T('bagkey'), head)[:16]


def make():
    at_rest()
    bag(1, 'identity bag', [('lone key', b'\1')],
        fixed('person', 16) + fixed('d', 32) + V['R'])
    bag(2, 'member bag',
        [('first key', b'TEST credential'), ('second key', bytes(range(256)) * 3)],
        b'\2' + fixed('safe', 16) + b'\1' + (3).to_bytes(4, 'big') +
        (5).to_bytes(4, 'big') + fixed('share', 32) + fixed('plan', 32) +
        fixed('manifest', 32))


make()
text = json.dumps({k: v.hex() for k, v in V.items()}, indent=2) + '\n'
if sys.argv[1:] == ['--write']:
    sys.stdout.write(text)
    sys.exit(0)
with open(os.path.join(here, '../vectors/amanat-keys.json')) as f:
    same = f.read() == text
sealed = V['line at leaf 258']
back = decrypt(V['K_line'], sealed[:24],
               T('line') + V['vault'] + (258).to_bytes(8, 'big'), sealed[24:])
ok = same and back == V['line']
print('ok' if ok else 'not ok', '1 - second implementation: what lies under keys')
print('1..1')
sys.exit(not ok)
