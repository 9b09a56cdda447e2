"""The Jupyter kernel "Reactive Python".

`kernel` is the kernel itself, a subclass of ipykernel's; `cascade` the loop that reruns
cells; `parents` and `outputs` see to it that their outputs reach the right cell;
`channel` and `protocol` talk to clients that know more than Jupyter's own messages;
`interrupts` and `gate` know what the user and the clients want meanwhile; `compat` is all
that is relied on inside ipykernel; `app` starts it and `install` registers it.
"""
