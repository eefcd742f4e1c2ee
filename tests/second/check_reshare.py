#!/usr/bin/env python3
"""A reshare of 3 of 5 to 4 of 6 by dealers 1, 2 and 4 (protocol.md 5.5), made
from the text of the specification and compared with
tests/vectors/amanat-reshare.json, which test_own_reshare.c follows.
	check_reshare.py --write   prints the file
"""
import hashlib
import json
import os
import struct
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
from ristretto import BASE, L, T, enc_scalar, hkdf, lagrange
from xchacha import chacha, decrypt, hchacha, poly1305

DEALERS = [1, 2, 4]
MEMBERS = [1, 2, 4, 6, 7, 8]  # 3 and 5 leave, 6 to 8 are new
K_OLD, K_NEW = 3, 4


def secret(name):
    wide = hashlib.sha512(b'TEST ' + name.encode()).digest()
    return int.from_bytes(wide, 'little') % L


def encrypt(key, m):
    nonce = bytes(24)
    sub, n = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    body = chacha(sub, n, 1, m)
    pad = lambda b: b + bytes(-len(b) % 16)
    return body + poly1305(chacha(sub, n, 0, bytes(32)),
                           pad(body) + struct.pack('<QQ', 0, len(body)))


def evaluate(coeffs, x):
    return sum(c * pow(x, i, L) for i, c in enumerate(coeffs)) % L


def box_key(e, pk, info):
    return hkdf((e * pk).encode(), T('box'), (e * BASE).encode() +
                pk.encode() + hashlib.sha256(info).digest(), 32)


def info(plan, i, j):
    return T('deal') + plan + struct.pack('>II', i, j)


def make():
    plan = hashlib.sha256(b'TEST plan').digest()
    old = [secret(f'old {m}') for m in range(K_OLD)]
    join = {j: secret(f'join {j}') for j in MEMBERS}
    deals, sums = [], {j: 0 for j in MEMBERS}
    commitments = [None] * K_NEW
    for i in DEALERS:
        g = [evaluate(old, i)] + [secret(f'g {i} {m}') for m in range(1, K_NEW)]
        weight = lagrange(DEALERS, i)
        boxes, es = [], []
        for j in MEMBERS:
            e, pk = secret(f'e {i} {j}'), join[j] * BASE
            boxes.append((e * BASE).encode() + encrypt(
                box_key(e, pk, info(plan, i, j)),
                enc_scalar(evaluate(g, j))))
            es.append(enc_scalar(e))
            sums[j] = (sums[j] + weight * evaluate(g, j)) % L
        points = [c * BASE for c in g]
        for m, c in enumerate(points):
            part = weight * c
            commitments[m] = part if commitments[m] is None \
                else commitments[m] + part
        deals.append({'share': enc_scalar(g[0]).hex(),
                      'commitments': [p.encode().hex() for p in points],
                      'boxes': [b.hex() for b in boxes],
                      'e': [e.hex() for e in es]})
    assert commitments[0].encode() == (old[0] * BASE).encode()
    return {
        'plan': plan.hex(), 'k': K_NEW, 'dealers': DEALERS, 'members': MEMBERS,
        'X': (old[0] * BASE).encode().hex(),
        'join': [enc_scalar(join[j]).hex() for j in MEMBERS],
        'pk': [(join[j] * BASE).encode().hex() for j in MEMBERS],
        'deals': deals,
        'commitments': [c.encode().hex() for c in commitments],
        'shares': [enc_scalar(sums[j]).hex() for j in MEMBERS]}


doc = make()
text = json.dumps(doc, indent=1) + '\n'
if sys.argv[1:] == ['--write']:
    sys.stdout.write(text)
    sys.exit(0)
with open(os.path.join(here, '../vectors/amanat-reshare.json')) as f:
    same = f.read() == text
# What the key of a box opens, and k' of the new shares give the old key.
first = doc['deals'][0]
e = int.from_bytes(bytes.fromhex(first['e'][0]), 'little')
plain = decrypt(box_key(e, secret('join 1') * BASE,
                        info(bytes.fromhex(doc['plan']), 1, 1)),
                bytes(24), b'', bytes.fromhex(first['boxes'][0])[32:])
some = [1, 4, 7, 8]
key = sum(lagrange(some, j) *
          int.from_bytes(bytes.fromhex(doc['shares'][MEMBERS.index(j)]), 'little')
          for j in some) % L
ok = same and len(plain) == 32 and key == secret('old 0')
print('ok' if ok else 'not ok', '1 - second implementation: a reshare')
print('1..1')
sys.exit(not ok)
