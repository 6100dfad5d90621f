"""Messages to a person. The vault alone knows the address: a fact of another service becomes a row, a loop of the worker sends it.

What is decided once: that this fact is told to this person, in the transaction that marks the fact as heard. The row holds no name,
no address and no text; they are looked up when it is sent, so that whoever was erased, opted out or has another address by then is
treated as they stand then. What is done at least once: a mail server may have taken a message of which we died before we noted it.
It is sent again under the same Message-ID (decision 0010).

`store.py` is the rows, `letters.py` what a message looks like, `channels.py` where it goes, `bounces.py` what comes back;
`people.sender` is the loop.
"""
