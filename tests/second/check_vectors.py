#!/usr/bin/env python3
"""The project's own vectors, checked by the second implementation."""
import hashlib
import hmac
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ristretto import (BASE, L, T, decode, enc_scalar, hash_to_group, hash_to_scalar,
                       hkdf, lagrange, scalar)
from xchacha import decrypt

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, '../vectors/amanat.json')) as f:
    V = {k: bytes.fromhex(v) for k, v in json.load(f).items()}
count = failed = 0


def check(name, ok):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - second implementation: {name}")


def refuses(f, *args):
    try:
        f(*args)
    except ValueError:
        return True
    return False


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def test_inputs():
    for name, value in V.items():
        if name in ('x', 'q', 'r', 'a', 'b', 'rho', 'a1', 'box e', 'poss secret'):
            wide = hashlib.sha512(b'TEST ' + name.encode()).digest()
            if enc_scalar(int.from_bytes(wide, 'little')) != value:
                return False
    return True


def derivations():
    info = T('pepper') + V['safe'] + V['record'] + (7).to_bytes(4, 'big')
    check('pepper (3.1)', hkdf(V['R'], V['vault'], info, 32) == V['pepper version 7'])
    k_name = hkdf(V['R'], V['vault'], T('name'), 32)
    mac = hmac.new(k_name, b'person\0dgc', hashlib.sha512).digest()
    check('database key (3.1)', mac[:16] == V['db key person dgc'])
    given = sha256(T('prf'), V['vault'], V['record'], V['safe'], b'\1\0\0\0\3')
    check('input of hmac-secret (6.3)',
          given == V['prf input operating epoch 3 of person record'])
    check('salt (6.3)', sha256(b'WebAuthn PRF\0', given) == V['prf salt'])
    fixed = b'AMBG\1\2\0\0' + V['vault'] + given
    check('name of a bag (6.5)',
          sha256(T('bagkey'), fixed)[:16].hex().encode() == V['bag name in ascii'])


def header0():
    return (T('record') + b'\1' + V['G'] + V['safe id'] + V['record id'] +
            (1).to_bytes(4, 'big') + V['sealer'] + V['meta hash'] + V['X'] +
            V['U'] + V['Ubar'] + V['com'] + V['nonce'])


def open_record(z):
    info = header0()[:165] + V['U'] + V['Ubar']
    okm = hkdf(z + V['pepper'], T('kem'), info, 64)
    if okm[32:] != V['com']:
        raise ValueError('com')
    plain = decrypt(okm[:32], V['nonce'], header0(), V['ct'])
    return plain.rstrip(b'\0')[:-1]


def sealed_record():
    x, r = scalar(V['x']), scalar(V['r'])
    bbar = hash_to_group(T('gbar'), V['G'])
    check('second generator (2.3)', bbar.encode() == V['Bbar'])
    check('X = xB', (x * BASE).encode() == V['X'])
    check('U = rB, Ubar = rBbar',
          (r * BASE).encode() == V['U'] and (r * bbar).encode() == V['Ubar'])
    check('header0 has 285 bytes', len(header0()) == 285)
    check('opens with xU', open_record((x * decode(V['U'])).encode()) == b'TEST secret')
    check('opens with nothing else',
          refuses(open_record, ((x + 1) * decode(V['U'])).encode()))


def partial_holds(p):
    e1, e2 = decode(p[:32]), decode(p[32:64])
    c, z1, z2 = (scalar(p[64 + 32 * i:96 + 32 * i]) for i in range(3))
    u, q, pub = decode(V['U']), decode(V['Q']), decode(V['P1'])
    ctx = T('part') + V['request'] + V['manifest'] + (1).to_bytes(4, 'big')
    t1 = z1 * BASE + c * pub
    t2 = z2 * BASE + c * e1
    t3 = z1 * u + z2 * q + c * e2
    m = b''.join(k.encode() for k in (pub, u, q, e1, e2, t1, t2, t3))
    return c == hash_to_scalar(ctx, m)


def partials():
    p = V['partial']
    check('partial proves itself (4.2)', partial_holds(p))
    bad = bytes([p[0] ^ 2]) + p[1:]
    check('another partial does not', refuses(partial_holds, bad) or not partial_holds(bad))
    bad = p[:70] + bytes([p[70] ^ 1]) + p[71:]
    check('another challenge does not', not partial_holds(bad))
    s1 = (scalar(V['x']) + scalar(V['a1'])) % L
    check('share 1 = f(1)', enc_scalar(s1) == V['share 1'])
    s2 = (scalar(V['x']) + 2 * scalar(V['a1'])) % L
    q, u = scalar(V['q']), decode(V['U'])
    part = decode(p[32:64]) - q * decode(p[:32])
    z = lagrange([1, 2], 1) * part + lagrange([1, 2], 2) * (s2 * u)
    check('two shares give xU, the record opens', open_record(z.encode()) == b'TEST secret')


def possession_and_box():
    p, proof = decode(V['poss point']), V['poss proof']
    c, z = scalar(proof[:32]), scalar(proof[32:])
    ctx = T('poss') + V['ph']
    m = p.encode() + (z * BASE + c * p).encode()
    check('proof of possession (2.3)', c == hash_to_scalar(ctx, m))
    box = V["box of 'TEST secret' for 'use'"]
    d = scalar(V['box key'])
    e = decode(box[:32])
    info = box[:32] + (d * BASE).encode() + sha256(b'use')
    key = hkdf((d * e).encode(), T('box'), info, 32)
    check('box (2.3)', decrypt(key, bytes(24), b'', box[32:]) == b'TEST secret')
    check('box for another use', refuses(
        decrypt, hkdf((d * e).encode(), T('box'), info[:-1] + b'\0', 32), bytes(24), b'',
        box[32:]))


def h(*parts):
    return int.from_bytes(hashlib.sha512(b''.join(parts)).digest(), 'little') % L


def setup():
    prefix = b'COCKTAIL-DKG-Ristretto255-SHA512-'
    suite = b'COCKTAIL(Ristretto255, SHA-512)'
    be8 = lambda n: n.to_bytes(8, 'big')
    d = [scalar(V[f'join key {i}']) for i in range(1, 6)]
    pk = [(k * BASE).encode() for k in d]
    context = hashlib.sha512(
        b'COCKTAIL-DKG-CONTEXT' + be8(8) + b'TEST run' + be8(len(suite)) + suite +
        (5).to_bytes(4, 'little') + b''.join(pk)).digest()
    check('context of a run (5.4)', context == V['dkg context'])
    f = [[scalar(V[f'f {i},{j}']) for j in range(3)] for i in range(1, 6)]
    good_pop = good_share = True
    for i in range(5):
        e = scalar(V[f'eph {i + 1}'])
        c = [(k * BASE).encode() for k in f[i]]
        pop, big_e = V[f'pop {i + 1}'], (e * BASE).encode()
        m = context + b''.join(c) + big_e
        left = scalar(pop[32:]) * BASE
        good_pop &= left == decode(pop[:32]) + h(prefix, b'H7', pop[:32], c[0], m) * decode(c[0])
        for j in range(5):
            okm = hashlib.sha512(
                prefix + b'H6' + (d[j] * decode(big_e)).encode() +
                (d[j] * decode(pk[i])).encode() + big_e + pk[i] + pk[j] +
                (64).to_bytes(8, 'little') + context).digest()
            ct = V[f'shares {i + 1}'][48 * j:48 * j + 48]
            share = scalar(decrypt(okm[:32], okm[32:56], b'', ct), False)
            good_share &= share == sum(a * (j + 1)**k for k, a in enumerate(f[i])) % L
    check('five proofs of possession', good_pop)
    check('25 shares decrypt and fit', good_share)
    total = [sum(f[i][k] for i in range(5)) % L for k in range(3)]
    check('commitments of the sum', b''.join(
        (k * BASE).encode() for k in total) == V['commitments'])


check('inputs come from their names', test_inputs())
twin = bytearray(V['X'])
twin[31] |= 0x80
check('R2.2: the twin of a point with bit 255 set', refuses(decode, bytes(twin)))
check('R2.6: the identity', refuses(decode, bytes(32)))
derivations()
sealed_record()
partials()
possession_and_box()
setup()
check('H of the statement in 7.1', sha256(V['body of 7.1']) == V['H of 7.1'])
print(f'1..{count}')
sys.exit(1 if failed else 0)
