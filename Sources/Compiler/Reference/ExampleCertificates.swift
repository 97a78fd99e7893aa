/// Certificates and keys for the examples of rules and keys. They are good for nothing else: everybody can read the keys.
enum ExampleCertificates {
    static let files = [
        "tls/server.key": """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu7+zEyFsrZeivM6/
        FJCMk2mWMhGZs7WbgHgH8DulDGihRANCAASlk15/KWqwDodn0U5LYHjgwDOJHgbE
        dL3yOBPi8r2T9wWJAVt1kh7mTfqd1x2axpfFnOUvHPTr/SjgflF5OHcQ
        -----END PRIVATE KEY-----

        """,
        "tls/server.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBSTCB8KADAgECAhRAmgPRaZ90DHoe1Irp1XH3YpFb3zAKBggqhkjOPQQDAjAW
        MRQwEgYDVQQDDAtleGFtcGxlLmNvbTAgFw0yNjAxMDEwMDAwMDBaGA8yMjAwMDEw
        MTAwMDAwMFowFjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggq
        hkjOPQMBBwNCAASlk15/KWqwDodn0U5LYHjgwDOJHgbEdL3yOBPi8r2T9wWJAVt1
        kh7mTfqd1x2axpfFnOUvHPTr/SjgflF5OHcQoxowGDAWBgNVHREEDzANggtleGFt
        cGxlLmNvbTAKBggqhkjOPQQDAgNIADBFAiA0UylgWmkLaM8L4sGkVTFepZM75okc
        +rW6NbnNMlVytwIhAIZBqveNDjhCF9K3jRUE4kbxxQrb5zuNKROGEycj7NUz
        -----END CERTIFICATE-----

        """,
        "tls/other.key": """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAEb/KlvW3nUQYr/g
        +Ke/a7Rn5GQmQKVggQj2elFej/2hRANCAARdyeREgwmxLszLLrM1FTwxmKlEyvkM
        MQ2BUUcxRXi2u/dvcI9jzDxoXKjueild5F7NtXtkYimZU/TMuzoxfnOT
        -----END PRIVATE KEY-----

        """,
        "tls/encrypted.key": """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDy+rbEa4P0Qd7fBHOA
        wDq3AgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQXlpLSYUiBUjYylmj
        lXOBnQSBkPGO6OL8A0MUTkvGO8Tgj21Z0I7/XCx8FsZriuWGMVoAhIA4COZmiFnl
        heKswM3aP4O+v5o5bBMAGqFPCMN7MWEfMvyvfQefS5fW4Xw/8Yiaee3kj2z+duUh
        nUstJvhE5goVJxQNGxgdlL8we46YpZCJVEY+gOAkoM4Y/OvUMhhNPzPsmUXEKHmP
        K79uQ3vmyg==
        -----END ENCRYPTED PRIVATE KEY-----

        """,
        "tls/ended.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBRzCB7qADAgECAhRO89q7P3JvgNkoc2zZ0SLINpk+yzAKBggqhkjOPQQDAjAW
        MRQwEgYDVQQDDAtleGFtcGxlLmNvbTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEw
        MDAwMDBaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAEpZNefylqsA6HZ9FOS2B44MAziR4GxHS98jgT4vK9k/cFiQFbdZIe
        5k36ndcdmsaXxZzlLxz06/0o4H5ReTh3EKMaMBgwFgYDVR0RBA8wDYILZXhhbXBs
        ZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhANIO1/8W9DI22Zg3poM/XggWiiFvNLYc
        IbYbaimGeMBIAiAe02gV3t9cMMtMfBB4dYHtLxEfueJXquNHVngJ3/bLgw==
        -----END CERTIFICATE-----

        """,
        "tls/early.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBSzCB8qADAgECAhRR0JbWuMYhKUdTY62RfR/ujPn7qTAKBggqhkjOPQQDAjAW
        MRQwEgYDVQQDDAtleGFtcGxlLmNvbTAiGA8yMTkwMDEwMTAwMDAwMFoYDzIyMDAw
        MTAxMDAwMDAwWjAWMRQwEgYDVQQDDAtleGFtcGxlLmNvbTBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABKWTXn8parAOh2fRTktgeODAM4keBsR0vfI4E+LyvZP3BYkB
        W3WSHuZN+p3XHZrGl8Wc5S8c9Ov9KOB+UXk4dxCjGjAYMBYGA1UdEQQPMA2CC2V4
        YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIQDGcp1zk7grtQo2jTysZS8WAWL9
        ERFCKNBb4agchPvrYgIgS/Xzq8s1FiT4xCICHBo4ee4sgecX6aEZzAvj4I7onHY=
        -----END CERTIFICATE-----

        """,
        "tls/nameless.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBLTCB1KADAgECAhQynw8ym3nldmvFz+IXkzjAI8wQXjAKBggqhkjOPQQDAjAW
        MRQwEgYDVQQDDAtleGFtcGxlLmNvbTAgFw0yNjAxMDEwMDAwMDBaGA8yMjAwMDEw
        MTAwMDAwMFowFjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggq
        hkjOPQMBBwNCAASlk15/KWqwDodn0U5LYHjgwDOJHgbEdL3yOBPi8r2T9wWJAVt1
        kh7mTfqd1x2axpfFnOUvHPTr/SjgflF5OHcQMAoGCCqGSM49BAMCA0gAMEUCIQCz
        rrtbYVAGHSxqWc5rdcZoXV25usnWmkzcmDvjh9b3NgIgVoR0V3KUNCwnu8K51wTJ
        gjI1oh9CbkSTiQUB0/ua1R4=
        -----END CERTIFICATE-----

        """,
        "tls/clients.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBSjCB8aADAgECAhQSkhqM70hr6pkwY6zm8Ol9o8nk0jAKBggqhkjOPQQDAjAa
        MRgwFgYDVQQDDA9leGFtcGxlIGNsaWVudHMwIBcNMjYwMTAxMDAwMDAwWhgPMjIw
        MDAxMDEwMDAwMDBaMBoxGDAWBgNVBAMMD2V4YW1wbGUgY2xpZW50czBZMBMGByqG
        SM49AgEGCCqGSM49AwEHA0IABAjwN8FxG6xHG3MkN389TynmOmV4mZUZSLOZ/IyB
        YB4gIt9XKEg5TIMopooA0rUXlyxcIquJyFiI7YtmgSVYgiajEzARMA8GA1UdEwEB
        /wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAIAWxelgvhRWmGjMFW0RWgEMDvae
        2TZ7Bu4ASKRKUOYnAiAVVDPFqt0AguV7Fz6rkzaiKoTZxRJ2GT5hvvQi9c2LxA==
        -----END CERTIFICATE-----

        """,
        "tls/broken.pem": """
        -----BEGIN CERTIFICATE-----
        MIIBcjCCARegAwIBAgIUQm9yZWQ=
        -----END CERTIFICATE-----

        """,
    ]
}
