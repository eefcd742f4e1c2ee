"""XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) in plain Python."""
import hmac
import struct

CONST = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)


def rounds(s):
    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = s[x] + s[y] & 0xffffffff
            v = s[z] ^ s[x]
            s[z] = (v << n | v >> 32 - n) & 0xffffffff
    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)


def hchacha(key, nonce):
    s = list(CONST + struct.unpack('<8I', key) + struct.unpack('<4I', nonce))
    rounds(s)
    return struct.pack('<8I', *s[:4], *s[12:])


def chacha(key, nonce, counter, data):
    out = bytearray()
    for i in range(0, len(data), 64):
        start = list(CONST + struct.unpack('<8I', key) +
                     (counter + i // 64,) + struct.unpack('<3I', nonce))
        s = start[:]
        rounds(s)
        block = struct.pack('<16I', *(a + b & 0xffffffff for a, b in zip(s, start)))
        out += bytes(a ^ b for a, b in zip(data[i:i + 64], block))
    return bytes(out)


def poly1305(key, m):
    r = int.from_bytes(key[:16], 'little') & 0x0ffffffc0ffffffc0ffffffc0fffffff
    acc = 0
    for i in range(0, len(m), 16):
        acc = (acc + int.from_bytes(m[i:i + 16] + b'\1', 'little')) * r % (2**130 - 5)
    return ((acc + int.from_bytes(key[16:], 'little')) % 2**128).to_bytes(16, 'little')


def decrypt(key, nonce, ad, ct):
    sub, n = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    body, tag = ct[:-16], ct[-16:]
    pad = lambda b: b + bytes(-len(b) % 16)
    mac = poly1305(chacha(sub, n, 0, bytes(32)),
                   pad(ad) + pad(body) + struct.pack('<QQ', len(ad), len(body)))
    if len(ct) < 16 or not hmac.compare_digest(mac, tag):
        raise ValueError('not authentic')
    return chacha(sub, n, 1, body)
